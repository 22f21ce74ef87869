using System.Runtime.InteropServices;
using LinuxMem.Arch.Addresses;

namespace LinuxMem.Mm.Block;

/// <summary>An I/O of whole frames, on its way to a device and back.</summary>
/// <remarks>Linux: include/linux/blk_types.h: struct bio, v6.18.</remarks>
public sealed class PageIo
{
    private readonly List<Pfn> pages = [];

    /// <summary>Its number, unique in the run while it is under way.</summary>
    public long Id { get; internal set; }

    /// <summary>The device, by its place in the machine's list.</summary>
    public int Device { get; internal set; }

    /// <summary>The first sector of the first frame.</summary>
    public ulong Sector { get; internal set; }

    /// <summary>Which way.</summary>
    public BlockOp Op { get; internal set; }

    /// <summary>How it ends; known from the start, and told at the end.</summary>
    public IoStatus Status { get; internal set; }

    /// <summary>What the device spoils of the data; null for nothing.</summary>
    public ByteCorruption? Corruption { get; internal set; }

    /// <summary>For a misdirected write: where its first frame went.</summary>
    public ulong WrongSector { get; internal set; }

    /// <summary>Whom to tell when it is over; null for nobody.</summary>
    public IPageIoOwner? Owner { get; internal set; }

    /// <summary>The frames, in the order of the sectors.</summary>
    public IReadOnlyList<Pfn> Pages => pages;

    /// <summary>The same, for loops that make no garbage.</summary>
    public ReadOnlySpan<Pfn> Span => CollectionsMarshal.AsSpan(pages);

    internal void Set(ReadOnlySpan<Pfn> frames)
    {
        pages.Clear();
        pages.AddRange(frames);
    }
}

/// <summary>A byte that a device spoils.</summary>
/// <param name="Byte">Which of the I/O's data, from 0.</param>
/// <param name="Value">What it is then.</param>
public readonly record struct ByteCorruption(long Byte, byte Value);

/// <summary>Who submits I/Os and wants to hear when they are over (bi_end_io).</summary>
public interface IPageIoOwner
{
    /// <summary>
    /// An I/O is over: its frames are unlocked (uptodate after a read that worked) or out of writeback, their waiters
    /// are awake. The I/O is not to be kept.
    /// </summary>
    void Finished(PageIo io, long atNs);
}
