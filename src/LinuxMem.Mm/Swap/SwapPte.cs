using System.Numerics;
using LinuxMem.Arch.Paging;

namespace LinuxMem.Mm.Swap;

/// <summary>How a page-table entry names a slot of swap: the area in the upper bits of the frame number, the slot
/// below.
/// </summary>
/// <remarks>Linux: arch/x86/include/asm/pgtable_64.h: __swp_entry; include/linux/swapops.h, v6.18. The layout is this
/// simulator's own.</remarks>
public static class SwapPte
{
    /// <summary>The entry for a slot.</summary>
    /// <param name="format">The machine's entries.</param>
    /// <param name="swap">The slot.</param>
    /// <param name="exclusive">Whether no other address space had the page (pte_swp_mkexclusive).</param>
    public static ulong Make(PteFormat format, SwapEntry swap, bool exclusive)
    {
        ulong field = ((ulong)swap.Area << SlotBits(format)) | swap.Slot;
        return (field << format.PfnShift) | format.Dirty | (exclusive ? format.Accessed : 0);
    }

    /// <summary>The slot that an entry names. Precondition: <see cref="PteFormat.IsSwap"/>.</summary>
    public static SwapEntry EntryOf(PteFormat format, ulong entry)
    {
        uint field = format.PfnOf(entry);
        int shift = SlotBits(format);
        return shift >= 32
            ? new SwapEntry((int)((entry & format.PfnMask) >> format.PfnShift >> shift), field)
            : new SwapEntry((int)(field >> shift), field & ((1u << shift) - 1));
    }

    /// <summary>Whether no other address space had the page.</summary>
    public static bool IsExclusive(PteFormat format, ulong entry) => (entry & format.Accessed) != 0;

    /// <summary>The same entry, shared with others from now on.</summary>
    public static ulong Share(PteFormat format, ulong entry) => entry & ~format.Accessed;

    /// <summary>Areas that entries can tell apart.</summary>
    public static int AreasMax(PteFormat format) => 1 << AreaBits(format);

    /// <summary>Slots of an area that entries can tell apart.</summary>
    public static ulong SlotsMax(PteFormat format) => Math.Min(1UL << SlotBits(format), uint.MaxValue);

    // Eight areas of 512 MiB where entries have four bytes, 32 otherwise, as Linux has (MAX_SWAPFILES_SHIFT).
    private static int AreaBits(PteFormat format) => format.EntryBytes == 4 ? 3 : 5;

    private static int SlotBits(PteFormat format) => BitOperations.PopCount(format.PfnMask) - AreaBits(format);
}
