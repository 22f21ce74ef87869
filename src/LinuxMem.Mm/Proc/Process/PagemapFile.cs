using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Proc.Files;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Userfault;

namespace LinuxMem.Mm.Proc.Process;

/// <summary>/proc/PID/pagemap: 8 bytes for every virtual page.</summary>
/// <remarks>
/// Linux: fs/proc/task_mmu.c: pagemap_read, pte_to_pagemap_entry, v6.18, for a reader that may see frame numbers. Not
/// built in: soft-dirty bits.
/// </remarks>
public sealed class PagemapFile : ProcFile
{
    /// <summary>The page is present.</summary>
    public const ulong Present = 1UL << 63;

    /// <summary>The page is a file's or shared memory.</summary>
    public const ulong File = 1UL << 61;

    /// <summary>The entry names a slot of swap, or is a guard.</summary>
    public const ulong Swap = 1UL << 62;

    /// <summary>The entry is a guard.</summary>
    public const ulong GuardRegion = 1UL << 58;

    /// <summary>Stores to the page are told of (userfaultfd).</summary>
    public const ulong UffdProtected = 1UL << 57;

    /// <summary>The page is mapped once.</summary>
    public const ulong MmapExclusive = 1UL << 56;

    private const ulong FrameMask = (1UL << 55) - 1;
    private const int AreaBits = 5;

    // A marker of the type that comes after all areas of swap, with the bits that say what it marks.
    private const ulong OfMarker = Swap | 31;
    private const ulong GuardMarker = 4UL << AreaBits, PoisonMarker = 2UL << AreaBits,
        ProtectedMarker = 1UL << AreaBits;
    private readonly KernelMemory memory;
    private readonly Mm? mm;

    /// <summary>Of an address space; null for a task without one, whose file is empty.</summary>
    public PagemapFile(KernelMemory memory, Mm? mm)
    {
        this.memory = memory;
        this.mm = mm;
    }

    /// <summary>The address space; null for a task without one.</summary>
    public Mm? Space => mm;

    /// <summary>The entry of a page of an address space.</summary>
    public static ulong EntryOf(KernelMemory memory, Mm mm, ulong va)
    {
        PteSlot slot = memory.Tables.Find(mm, va);
        PteFormat format = memory.Geometry.Format;
        ulong entry = slot.Exists ? memory.Tables.Read(slot) : 0;
        ulong mark = mm.Userfaults is not null && mm.Vmas.Tree.FindContaining(va) is { } vma
            && UserfaultRanges.IsMarked(mm, vma, va, entry) ? UffdProtected : 0;
        if (format.IsSwap(entry))
            return OfSwap(SwapPte.EntryOf(format, entry)) | mark;
        if (entry == 0 && mark == 0)
            return 0;
        if (format.IsMarker(entry) || entry == 0)
        {
            return OfMarker | mark | (mark == 0 ? 0 : ProtectedMarker)
                | (entry == 0 ? 0 : entry == format.GuardEntry ? GuardRegion | GuardMarker : PoisonMarker);
        }

        if ((entry & (format.Present | format.ProtNone)) == 0)
            return 0;
        var pfn = new Pfn(format.PfnOf(entry));
        ulong flags = Present | mark | (pfn.Value & FrameMask);
        ref PageFrame frame = ref memory.Map[pfn];
        if ((frame.Flags & PageFlags.ZeroPage) != 0)
            return flags;
        if (frame.Place != FramePlace.Anon)
            flags |= File;
        return frame.MapCount == 1 ? flags | MmapExclusive : flags;
    }

    // The area in the lowest bits, the slot above (MAX_SWAPFILES_SHIFT).
    private static ulong OfSwap(SwapEntry entry) =>
        Swap | ((((ulong)entry.Slot << AreaBits) | (uint)entry.Area) & FrameMask);

    /// <inheritdoc/>
    public override int Read(long position, Span<byte> to, out Errno error)
    {
        error = position % 8 != 0 || to.Length % 8 != 0 ? Errno.EINVAL : Errno.None;
        if (error != Errno.None || mm is null || mm.Users == 0)
            return 0;
        int pageShift = memory.Geometry.PageShift;
        ulong taskPages = memory.Geometry.TaskSize >> pageShift;
        ulong first = (ulong)position / 8;
        ulong pages = first >= taskPages ? 0 : Math.Min((ulong)to.Length / 8, taskPages - first);
        for (ulong i = 0; i < pages; i++)
        {
            ulong entry = EntryOf(memory, mm, (first + i) << pageShift);
            BinaryPrimitives.WriteUInt64LittleEndian(to[(int)(8 * i)..], entry);
        }

        return (int)pages * 8;
    }
}
