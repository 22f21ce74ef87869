using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Fork;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation;

namespace LinuxMem.Mm.Swap;

/// <summary>Brings back all that an area holds, so that it can be taken out of use.</summary>
/// <remarks>
/// Linux: mm/swapfile.c: try_to_unuse, unuse_mm, unuse_pte_range; mm/shmem.c: shmem_unuse, v6.18. First shared memory,
/// then the page tables of all processes, then what only the swap cache holds; again, until nothing is left. Each page
/// is waited for. Processes come by the number of their address space (Linux: as they first swapped).
/// </remarks>
public sealed class SwapUnuse
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly AnonVmas anonVmas;
    private readonly MmLifecycle lifecycle;
    private readonly SharedObjects objects;
    private readonly FilePages files;
    private readonly SwapReadahead readahead;
    private readonly PteFormat format;

    /// <summary>Over one machine's memory.</summary>
    public SwapUnuse(KernelMemory memory, PageMapper mapper, AnonVmas anonVmas, MmLifecycle lifecycle,
        SharedObjects objects, FilePages files)
    {
        this.memory = memory;
        this.mapper = mapper;
        this.anonVmas = anonVmas;
        this.lifecycle = lifecycle;
        this.objects = objects;
        this.files = files;
        readahead = new SwapReadahead(memory);
        format = memory.Geometry.Format;
    }

    /// <summary>
    /// Empties a retired area. EINTR: a signal has come; ENOMEM: a page could not be brought back. Who is killed for
    /// want of memory does not come back from here.
    /// </summary>
    public IEnumerator<PageLookup> Run(CallProgress call, int area)
    {
        call.Return(0);
        bool first = true;
        while (true)
        {
            for (var told = Tell(area); told.MoveNext();)
                yield return told.Current;
            if (memory.Swap.UsedSlotsOf(area) == 0)
                yield break;
            if (call.Task.Signals.HasDeliverable)
            {
                call.Fail(Errno.EINTR);
                yield break;
            }

            // What is still under way may need a step of the kernel to be over.
            if (!first)
            {
                call.IsThrottled = true;
                call.WakeAtNs = call.At.NowNs + memory.Settings.KernelCosts.KernelStepNs;
                yield return PageLookup.Wait;
            }

            first = false;
            for (var pass = Pass(call, area); pass.MoveNext();)
                yield return pass.Current;
            if (call.Result.IsError)
                yield break;
        }
    }

    private IEnumerator<PageLookup> Pass(CallProgress call, int area)
    {
        foreach (AddressSpace mapping in objects.All.ToArray())
        {
            for (var steps = UnuseShared(call, area, mapping); steps.MoveNext();)
                yield return steps.Current;
            if (call.Result.IsError)
                yield break;
        }

        foreach (Mm mm in lifecycle.Live.ToArray())
        {
            if (call.Task.Signals.HasDeliverable)
                yield break;
            for (var steps = UnuseMm(call, area, mm); steps.MoveNext();)
                yield return steps.Current;
            if (call.Result.IsError)
                yield break;
        }

        for (var told = Tell(area); told.MoveNext();)
            yield return told.Current;
        foreach (Pfn page in memory.Swap.CachedOf(area))
        {
            while (memory.Swap.IsCachedOf(area, page) && files.IsUnderWay(page))
            {
                call.WaitsFor = page;
                yield return PageLookup.Wait;
            }

            if (memory.Swap.IsCachedOf(area, page))
                memory.Swap.TryFreeIdle(page);
        }
    }

    // Has the owner of swap hear all that there is to tell, and say what is left.
    private IEnumerator<PageLookup> Tell(int area)
    {
        do
            yield return new PageLookup(memory.Swap.Spaces[area], 1, 1);
        while (memory.Swap.HasSteps);
    }

    private IEnumerator<PageLookup> UnuseShared(CallProgress call, int area, AddressSpace mapping)
    {
        if (mapping.Swapped is not { Count: > 0 } swapped)
            yield break;
        foreach (uint index in swapped.Where(one => one.Value.Area == area).Select(one => one.Key).Order().ToArray())
        {
            // Others may have it brought back, or cut it off, during each wait.
            while (swapped.TryGetValue(index, out SwapEntry entry) && entry.Area == area)
            {
                long injected = memory.InjectedFailures;
                Pfn page = files.Add(mapping, index, call.At.Cpu, ref call.Cost);
                if (!page.IsNone)
                    call.WaitsFor = page;
                else if (!WaitsForMemory(call, injected))
                    yield break;
                yield return PageLookup.Wait;
            }
        }
    }

    private IEnumerator<PageLookup> UnuseMm(CallProgress call, int area, Mm mm)
    {
        ulong va = 0;
        while (lifecycle.IsLive(mm) && mm.SwapEntries > 0 && mm.Vmas.Tree.Find(va) is { } vma)
        {
            va = Math.Max(va, vma.Start);
            PteSlot slot = vma.AnonVma is null ? default : memory.Tables.Find(mm, va);
            if (!slot.Exists)
            {
                va = vma.AnonVma is null ? vma.End : memory.Tables.SkipMissing(mm, va, vma.End);
                continue;
            }

            ulong pte = memory.Tables.Read(slot);
            if (!format.IsSwap(pte) || SwapPte.EntryOf(format, pte) is var entry && entry.Area != area)
            {
                va += memory.Geometry.PageBytes;
                continue;
            }

            yield return readahead.Choose(entry, vma, mm, va);
            long injected = memory.InjectedFailures;
            uint found = call.Pages[memory.Swap.Window.IndexOf(entry)];
            KernelBug.Assert(found != SwapFault.FreeSlot, $"I31 violated: {entry} is named by an entry, and free");
            Pfn page = found != 0 ? new Pfn(found)
                : readahead.Read(entry, vma, va, call.Pages, call.At.Cpu, ref call.Cost);
            if (page.IsNone && !WaitsForMemory(call, injected))
                yield break;
            if (page.IsNone || files.IsUnderWay(page))
            {
                call.WaitsFor = page;
                yield return PageLookup.Wait;
                continue;
            }

            if (!TryInstall(mm, vma, slot, va, pte, page, call.At))
            {
                call.Fail(Errno.ENOMEM);
                yield break;
            }

            va += memory.Geometry.PageBytes;
        }
    }

    // False if the call has failed: what could not be had was refused on purpose.
    private bool WaitsForMemory(CallProgress call, long injectedBefore)
    {
        if (memory.InjectedFailures != injectedBefore)
        {
            call.Fail(Errno.ENOMEM);
            return false;
        }

        call.IsOutOfMemory = true;
        return true;
    }

    // Linux: mm/swapfile.c: unuse_pte, v6.18: the page is there, unused and unchanged; one that could not be read is
    // lost to this process.
    private bool TryInstall(Mm mm, Vma vma, PteSlot slot, ulong va, ulong pte, Pfn page, TrapPoint at)
    {
        SwapEntry entry = SwapPte.EntryOf(format, pte);
        if (memory.Io!.ReadErrors.Has(page))
        {
            mapper.Set(mm, slot, va, mapper.PoisonEntry, at);
        }
        else
        {
            if (anonVmas.Prepare(vma) is not { } own)
                return false;
            bool exclusive = SwapPte.IsExclusive(format, pte);
            ref PageFrame frame = ref memory.Map[page];
            frame.Place = FramePlace.Anon;
            if (frame.MapCount == 0 && anonVmas.Find(frame.Owner) is null)
            {
                frame.Owner = (exclusive ? own : own.Root).Id;
                frame.Index = (uint)vma.PageIndexOf(va);
            }

            if (exclusive)
                frame.Flags |= PageFlags.AnonExclusive;
            frame.RefCount++;
            mapper.Map(mm, slot, va, page, mapper.ReadOnlyBits(vma.Flags), at, vma.Flags);
        }

        mm.SwapEntries--;
        memory.Swap.Put(entry);
        memory.Swap.TryFree(page);
        return true;
    }
}
