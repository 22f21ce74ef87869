using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>madvise(addr, length, MADV_WILLNEED): reads ahead what is behind the range, in files or in swap.</summary>
/// <remarks>
/// Linux: mm/madvise.c: madvise_willneed, swapin_walk_pmd_entry, v6.18. It waits for nothing: what it reads is found in
/// the page cache or the swap cache by who faults on it. Of shared memory in swap nothing is read ahead.
/// </remarks>
public sealed class MadviseWillNeed
{
    private readonly ForcedReadahead forced;
    private readonly KernelMemory memory;
    private readonly SwapReadahead swap;
    private readonly Madvise madvise;

    /// <summary>With the machine's services.</summary>
    public MadviseWillNeed(FileServices services, Madvise madvise)
    {
        forced = new ForcedReadahead(services);
        memory = services.Memory;
        swap = new SwapReadahead(memory);
        this.madvise = madvise;
    }

    /// <summary>EINVAL: bad arguments; ENOMEM: holes (the rest is done).</summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        var context = new SyscallContext(call.Task, call.Request, call.At);
        if (!madvise.TryRange(context, out ulong start, out ulong end, out _))
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        call.Return(0);
        for (var steps = Run(call, call.Mm, start, end); steps.MoveNext();)
            yield return steps.Current;
    }

    /// <summary>The same for a range of any address space; the call fails with ENOMEM where there are holes.</summary>
    public IEnumerator<PageLookup> Run(CallProgress call, Mm mm, ulong start, ulong end)
    {
        while (start < end)
        {
            Vma? vma = mm.Vmas.Tree.Find(start);
            if (vma is null || vma.Start > start)
                call.Fail(Errno.ENOMEM);
            if (vma is null || vma.Start >= end)
                yield break;
            start = Math.Max(start, vma.Start);
            ulong upTo = Math.Min(vma.End, end);
            if (vma.Mapping?.Host is { IsWarm: false } inode)
            {
                ulong offset = vma.PageIndexOf(start) << inode.PageShift;
                for (var steps = forced.Run(call, inode, offset, offset + (upTo - start)); steps.MoveNext();)
                    yield return steps.Current;
            }

            else if (vma.Mapping is null && mm.SwapEntries > 0)
            {
                for (var steps = SwapIn(call, mm, start, upTo); steps.MoveNext();)
                    yield return steps.Current;
            }

            start = upTo;
        }
    }

    private IEnumerator<PageLookup> SwapIn(CallProgress call, Mm mm, ulong start, ulong end)
    {
        for (ulong va = start; va < end;)
        {
            PteSlot slot = memory.Tables.Find(mm, va);
            if (!slot.Exists)
            {
                va = memory.Tables.SkipMissing(mm, va, end);
                continue;
            }

            va += memory.Geometry.PageBytes;
            ulong pte = memory.Tables.Read(slot);
            if (!memory.Geometry.Format.IsSwap(pte))
                continue;
            SwapEntry entry = SwapPte.EntryOf(memory.Geometry.Format, pte);
            yield return new PageLookup(memory.Swap.Spaces[entry.Area], entry.Slot, 1);
            if (call.Pages[0] == 0 && !swap.Fetch(entry, call.At.Cpu, ref call.Cost))
                yield break;
        }
    }
}
