using System.Runtime.InteropServices;

namespace LinuxMem.Mm.MemMaps;

/// <summary>The descriptor of one frame of RAM: 32 bytes of mem_map.</summary>
/// <remarks>
/// Linux: include/linux/mm_types.h: struct page, v6.18. All zero means "inside a free block" and is what a frame that
/// was never used reads as; so mem_map costs the host only what the simulation has touched.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Size = 32)]
public struct PageFrame
{
    /// <summary>
    /// <see cref="Order"/> of the frames of an allocated block but the first, so that none of them is freed alone.
    /// </summary>
    public const byte TailOrder = 0xff;

    /// <summary>
    /// References (page tables, page cache, pins). 0 for a free frame, 1 as it comes from the allocator.
    /// </summary>
    /// <remarks>Of a block of several frames only the first counts.</remarks>
    public int RefCount;

    /// <summary>Page-table entries that map the frame.</summary>
    public int MapCount;

    /// <summary>
    /// The next frame of the list that the frame is on; 0 at its end. Free frames: PageAlloc's; others: their owner's.
    /// </summary>
    public uint Next;

    /// <summary>The frame before it on that list; 0 at its start.</summary>
    public uint Prev;

    /// <summary>Id of the AnonVma or AddressSpace that it belongs to; 0 for none; see <see cref="IsKsm"/>.</summary>
    public int Owner;

    /// <summary>Whether it is a merged page of several processes (PageKsm): its owner is minus its node.</summary>
    public readonly bool IsKsm => Owner < 0 && Place == FramePlace.Anon;

    /// <summary>
    /// Of an unevictable page, which is linked to no list: the locked mappings that it has (folio->mlock_count).
    /// </summary>
    public readonly uint MlockCount => (Flags & PageFlags.Unevictable) != 0 ? Prev : 0;

    /// <summary>Index of the page in its owner, in pages.</summary>
    public uint Index;

    /// <summary>State bits.</summary>
    public PageFlags Flags;

    /// <summary>Where the frame is.</summary>
    public FramePlace Place;

    /// <summary>Age, for replacement by age.</summary>
    public byte Age;

    /// <summary>
    /// log2 of the frames of the block that starts here: free, on a per-CPU list, or allocated. Further frames of an
    /// allocated block (and of one on a per-CPU list) have <see cref="TailOrder"/>, those of a free block 0.
    /// </summary>
    public byte Order;

    /// <summary>
    /// Number of the migrate type whose free list holds the block that starts here; 0 for frames in use.
    /// </summary>
    public byte MigrateType;

    /// <summary>How often the frame was allocated, modulo 65,536: tells a stale translation from a good one.</summary>
    public ushort Generation;
}
