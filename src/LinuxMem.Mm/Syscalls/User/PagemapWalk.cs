using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Userfault;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>The walk of PAGEMAP_SCAN: page by page, with ranges of equal pages in a buffer.</summary>
/// <remarks>
/// Linux: fs/proc/task_mmu.c: pagemap_scan_test_walk, pagemap_scan_pmd_entry, pagemap_scan_pte_hole,
/// pagemap_scan_hugetlb_entry, pagemap_scan_output, v6.18. That a table is missing shows: what it would map has not
/// been written, unless its range can be write-protected.
/// </remarks>
internal sealed class PagemapWalk
{
    private const int BufferMax = 512;
    private readonly KernelMemory memory;
    private readonly UserfaultProtect protect;
    private readonly PagemapScanArguments asked;
    private readonly PteFormat format;
    private readonly List<(ulong Start, ulong End, ulong Categories)> buffer = [];
    private ulong room;

    internal PagemapWalk(KernelMemory memory, UserfaultProtect protect, PagemapScanArguments asked)
    {
        this.memory = memory;
        this.protect = protect;
        this.asked = asked;
        format = memory.Geometry.Format;
        At = asked.Start;
        room = asked.VecLength;
    }

    /// <summary>Where it goes on.</summary>
    internal ulong At { get; private set; }

    /// <summary>Pages told of so far.</summary>
    internal ulong Found { get; private set; }

    /// <summary>Where it was stopped for want of room; 0 if it was not.</summary>
    internal ulong StoppedAt { get; private set; }

    /// <summary>
    /// Goes on to the end, or until there is no room for more. EPERM where a mapping cannot be protected, if that was
    /// to be checked.
    /// </summary>
    internal Errno Run(CallProgress call, Mm mm, out bool isStopped)
    {
        isStopped = false;
        MmuGather gather = memory.Coherence.Begin(mm);
        var error = Errno.None;
        Vma? vma = mm.Vmas.Tree.FindIntersection(At, asked.End);
        for (; vma is not null && vma.Start < asked.End && !isStopped; vma = vma.Next)
        {
            UserfaultContext? context = (vma.Flags & VmFlags.UffdWp) != 0
                && UserfaultRanges.Find(mm, Math.Max(vma.Start, At)) is { IsAsync: true } found ? found : null;
            if (context is null && asked.ChecksProtection)
            {
                error = Errno.EPERM;
                break;
            }

            ulong categories = context is null ? 0 : PageCategory.WpAllowed;
            bool isLeftOut = (context is null && asked.Protects) || (vma.Flags & VmFlags.PfnMap) != 0
                || !asked.ConcernsMapping(categories);
            if (!isLeftOut)
                isStopped = !Walk(call, mm, vma, context, categories, gather);
        }

        call.Cost.FixedNs += memory.Coherence.Finish(mm, gather, call.At.Cpu, call.At.NowNs);
        At = isStopped ? StoppedAt : asked.End;
        return error;
    }

    /// <summary>Takes what is in the buffer out of it: struct page_region, one after the other.</summary>
    internal byte[] Take()
    {
        buffer.RemoveAll(static region => region.Start == region.End);
        ulong[] words = new ulong[buffer.Count * 3];
        for (int i = 0; i < buffer.Count; i++)
            (words[i * 3], words[(i * 3) + 1], words[(i * 3) + 2]) = buffer[i];
        room -= (ulong)buffer.Count;
        buffer.Clear();
        return UserStructs.Bytes(words);
    }

    private bool Walk(
        CallProgress call, Mm mm, Vma vma, UserfaultContext? context, ulong ofMapping, MmuGather gather)
    {
        bool isHuge = (vma.Flags & VmFlags.HugeTlb) != 0;
        ulong step = isHuge ? Hugetlb.HugeMemory.BytesOf(vma) : memory.Geometry.PageBytes;
        ulong end = Math.Min(vma.End, asked.End);
        for (ulong va = Math.Max(vma.Start, At); va < end;)
        {
            ulong next = Math.Min(end, (va & ~(step - 1)) + step);
            bool isHole = !memory.Tables.Find(mm, va).Exists;
            if (isHole)
                next = Math.Max(next, memory.Tables.SkipMissing(mm, va, end));
            ulong categories = ofMapping | (isHole ? OfHole(context, va, ref next)
                : isHuge ? OfHuge(mm, va, next) : OfPage(mm, vma, va));
            bool takesAll = !isHole && asked.Protects && asked.VecLength == 0;
            if (takesAll || asked.Concerns(categories))
            {
                ulong upTo = Tell(categories, va, next);
                if (asked.Protects && (takesAll || (categories & PageCategory.Written) != 0))
                {
                    for (ulong page = va; page < upTo; page += memory.Geometry.PageBytes)
                        protect.Protect(call, context!, vma, page, gather);
                }

                if (upTo < next)
                    return false;
            }

            va = next;
        }

        return true;
    }

    // Marks have markers in Linux, which need tables: where none is, only the context knows of them.
    private ulong OfHole(UserfaultContext? context, ulong start, ref ulong end)
    {
        if (context is null)
            return 0;
        bool isProtected = context.IsProtected(start);
        for (ulong va = start + memory.Geometry.PageBytes; va < end; va += memory.Geometry.PageBytes)
        {
            if (context.IsProtected(va) != isProtected)
                end = va;
        }

        return isProtected ? PageCategory.Swapped : PageCategory.Written;
    }

    private ulong OfPage(Mm mm, Vma vma, ulong va)
    {
        ulong entry = memory.Tables.Read(memory.Tables.Find(mm, va));
        bool isProtected = UserfaultRanges.IsMarked(mm, vma, va, entry);
        ulong categories = isProtected ? 0 : PageCategory.Written;
        if (entry == 0)
            return isProtected ? PageCategory.Swapped : categories;
        if ((entry & (format.Present | format.ProtNone)) == 0)
            return categories | PageCategory.Swapped | (entry == format.GuardEntry ? PageCategory.Guard : 0);
        PageFrame frame = memory.Map[new Pfn(format.PfnOf(entry))];
        if ((frame.Flags & PageFlags.ZeroPage) != 0)
            return categories | PageCategory.Present | PageCategory.PfnZero;
        return categories | PageCategory.Present | (frame.Place == FramePlace.Anon ? 0 : PageCategory.File);
    }

    // A huge page is there as soon as any of its small ones is.
    private ulong OfHuge(Mm mm, ulong from, ulong end)
    {
        for (ulong va = from; va < end; va += memory.Geometry.PageBytes)
        {
            PteSlot slot = memory.Tables.Find(mm, va);
            ulong entry = slot.Exists ? memory.Tables.Read(slot) : 0;
            if ((entry & (format.Present | format.ProtNone)) == 0)
                continue;
            bool isAnon = memory.Map[new Pfn(format.PfnOf(entry))].Place == FramePlace.Anon;
            bool isProtected = UserfaultRanges.Find(mm, va)?.IsProtected(va) == true;
            return PageCategory.Huge | PageCategory.Present | (isAnon ? 0 : PageCategory.File)
                | (isProtected ? 0 : PageCategory.Written);
        }

        return PageCategory.Huge;
    }

    // Tells of a range, as far as there is room: where that ends.
    private ulong Tell(ulong categories, ulong start, ulong end)
    {
        if (asked.VecLength == 0)
            return end;
        categories &= asked.Returned;
        ulong pages = (end - start) >> memory.Geometry.PageShift;
        ulong most = asked.PagesMax - Found;
        bool isStopped = pages > most;
        if (isStopped)
            end = start + (most << memory.Geometry.PageShift);
        if (!Push(start, end, categories))
        {
            isStopped = true;
            end = start;
        }

        Found += (end - start) >> memory.Geometry.PageShift;
        if (isStopped)
            StoppedAt = end;
        return end;
    }

    private bool Push(ulong start, ulong end, ulong categories)
    {
        if (buffer.Count > 0 && buffer[^1].End == start && buffer[^1].Categories == categories)
        {
            buffer[^1] = buffer[^1] with { End = end };
            return true;
        }

        if ((ulong)buffer.Count >= Math.Min(BufferMax, room))
            return false;
        buffer.Add((start, end, categories));
        return true;
    }
}
