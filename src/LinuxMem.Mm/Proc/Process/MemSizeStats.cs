using System.Text;
using LinuxMem.Mm.MemMaps;

namespace LinuxMem.Mm.Proc.Process;

/// <summary>What smaps adds up over the pages of a VMA, or of all of them; bytes.</summary>
/// <remarks>
/// Linux: fs/proc/task_mmu.c: struct mem_size_stats, smaps_account, __show_smap, v6.18. Proportional shares are kept in
/// fixed point with 12 more bits (PSS_SHIFT), so that a page shared by three loses nothing that matters.
/// </remarks>
public struct MemSizeStats
{
    private const int PssShift = 12;
    private ulong resident;
    private ulong sharedClean;
    private ulong sharedDirty;
    private ulong privateClean;
    private ulong privateDirty;
    private ulong referenced;
    private ulong anonymous;
    private ulong lazyFree;
    private ulong pss;
    private ulong pssAnon;
    private ulong pssFile;
    private ulong pssShmem;
    private ulong pssLocked;
    private ulong pssDirty;
    private ulong swap;
    private ulong swapPss;
    private ulong merged;

    /// <summary>Bytes resident.</summary>
    public readonly ulong Resident => resident;

    /// <summary>The proportional share, in bytes.</summary>
    public readonly ulong Pss => pss >> PssShift;

    /// <summary>Adds a page that an entry maps.</summary>
    /// <param name="frame">Its frame.</param>
    /// <param name="pageBytes">Its size.</param>
    /// <param name="young">Whether the entry says that it was accessed.</param>
    /// <param name="dirty">Whether the entry says that it was written.</param>
    /// <param name="locked">Whether its VMA is locked.</param>
    public void Account(in PageFrame frame, ulong pageBytes, bool young, bool dirty, bool locked)
    {
        bool isAnon = frame.Place == FramePlace.Anon;
        bool isSwapBacked = (frame.Flags & PageFlags.SwapBacked) != 0;
        dirty |= (frame.Flags & PageFlags.Dirty) != 0;
        if (isAnon)
        {
            anonymous += pageBytes;
            if (!isSwapBacked && !dirty)
                lazyFree += pageBytes;
        }

        if (frame.IsKsm)
            merged += pageBytes;
        resident += pageBytes;
        if (young || (frame.Flags & PageFlags.Referenced) != 0)
            referenced += pageBytes;
        ulong share = pageBytes << PssShift;
        if (frame.MapCount >= 2)
            share /= (ulong)frame.MapCount;
        pss += share;
        if (isAnon)
            pssAnon += share;
        else if (isSwapBacked)
            pssShmem += share;
        else
            pssFile += share;
        if (locked)
            pssLocked += share;
        if (dirty)
            pssDirty += share;
        bool isPrivate = frame.MapCount < 2;
        ref ulong bucket = ref dirty
            ? ref isPrivate ? ref privateDirty : ref sharedDirty
            : ref isPrivate ? ref privateClean : ref sharedClean;
        bucket += pageBytes;
    }

    /// <summary>Adds a page in swap.</summary>
    /// <param name="pageBytes">Its size.</param>
    /// <param name="sharers">Entries that name its slot, this one included.</param>
    public void AccountSwap(ulong pageBytes, int sharers)
    {
        swap += pageBytes;
        swapPss += (pageBytes << PssShift) / (ulong)Math.Max(1, sharers);
    }

    /// <summary>Adds a page of shared memory in swap, which has no proportional share (shmem_swap_usage).</summary>
    public void AccountShmemSwap(ulong pageBytes) => swap += pageBytes;

    /// <summary>Appends the lines from Rss to Locked.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="rollup">Whether to tell anonymous, file and shmem shares apart, as smaps_rollup does.</param>
    public readonly void Append(StringBuilder text, bool rollup)
    {
        text.AppendKb("Rss:            ", resident)
            .AppendKb("Pss:            ", pss >> PssShift)
            .AppendKb("Pss_Dirty:      ", pssDirty >> PssShift);
        if (rollup)
        {
            text.AppendKb("Pss_Anon:       ", pssAnon >> PssShift)
                .AppendKb("Pss_File:       ", pssFile >> PssShift)
                .AppendKb("Pss_Shmem:      ", pssShmem >> PssShift);
        }

        text.AppendKb("Shared_Clean:   ", sharedClean)
            .AppendKb("Shared_Dirty:   ", sharedDirty)
            .AppendKb("Private_Clean:  ", privateClean)
            .AppendKb("Private_Dirty:  ", privateDirty)
            .AppendKb("Referenced:     ", referenced)
            .AppendKb("Anonymous:      ", anonymous)
            .AppendKb("KSM:            ", merged)
            .AppendKb("LazyFree:       ", lazyFree)
            .AppendKb("AnonHugePages:  ", 0UL)
            .AppendKb("ShmemPmdMapped: ", 0UL)
            .AppendKb("FilePmdMapped:  ", 0UL)
            .AppendKb("Shared_Hugetlb: ", 0UL)
            .AppendKb("Private_Hugetlb: ", 0UL, width: 7)
            .AppendKb("Swap:           ", swap)
            .AppendKb("SwapPss:        ", swapPss >> PssShift)
            .AppendKb("Locked:         ", pssLocked >> PssShift);
    }
}
