using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Proc.Files;
using LinuxMem.Mm.Swap;

namespace LinuxMem.Mm.Proc.Process;

/// <summary>/proc/PID/pagemap: 8 bytes for every virtual page.</summary>
/// <remarks>
/// Linux: fs/proc/task_mmu.c: pagemap_read, pte_to_pagemap_entry, v6.18, for a reader that may see frame numbers. Not
/// built in: soft-dirty bits; not modelled: userfaultfd.
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

    /// <summary>The page is mapped once.</summary>
    public const ulong MmapExclusive = 1UL << 56;

    private const ulong FrameMask = (1UL << 55) - 1;
    private const int AreaBits = 5;

    // A marker of the type that comes after all areas of swap, with the bit that says which marker it is.
    private const ulong OfGuard = Swap | GuardRegion | (4UL << AreaBits) | 31;
    private readonly KernelMemory memory;
    private readonly Mm? mm;

    /// <summary>Of an address space; null for a task without one, whose file is empty.</summary>
    public PagemapFile(KernelMemory memory, Mm? mm)
    {
        this.memory = memory;
        this.mm = mm;
    }

    /// <summary>The entry of a page of an address space.</summary>
    public static ulong EntryOf(KernelMemory memory, Mm mm, ulong va)
    {
        PteSlot slot = memory.Tables.Find(mm, va);
        PteFormat format = memory.Geometry.Format;
        ulong entry = slot.Exists ? memory.Tables.Read(slot) : 0;
        if (format.IsSwap(entry))
            return OfSwap(SwapPte.EntryOf(format, entry));
        if (format.IsMarker(entry))
            return OfGuard;
        if ((entry & (format.Present | format.ProtNone)) == 0)
            return 0;
        var pfn = new Pfn(format.PfnOf(entry));
        ulong flags = Present | (pfn.Value & FrameMask);
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
