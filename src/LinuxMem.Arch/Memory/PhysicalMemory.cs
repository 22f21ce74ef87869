using System.Runtime.CompilerServices;
using LinuxMem.Arch.Addresses;

namespace LinuxMem.Arch.Memory;

/// <summary>
/// RAM: the frames that hold page tables and, where contents are kept, data. The one thing that the kernel and the MMUs
/// share.
/// </summary>
/// <remarks>
/// The kernel writes in the kernel phase, MMUs read (and set accessed and dirty bits) in the CPU phase; rounds keep the
/// two apart. A frame of page tables is real memory: a walker finds the table of frame n at <see cref="Base"/> + n *
/// page size. What else a machine keeps outside the garbage-collected heap lies behind RAM in the same range of the
/// host (<see cref="Lend"/>): for machines that live some milliseconds, one range each costs a tenth of their time.
/// </remarks>
public sealed unsafe class PhysicalMemory : IDisposable
{
    /// <summary>Each word of what was to be read or written, and could not be.</summary>
    public const ulong Junk = 0xdbdb_dbdb_dbdb_dbdb;

    // Enough for mem_map and tags, and for the TLBs of some hundred CPUs; what is not touched costs nothing.
    private const ulong LentBytesAFrame = 128;
    private const ulong LentBytes = 32UL << 20;

    // CPUs do not share lines of the host's caches, nor pairs of them.
    private const ulong LentAlignment = 128;

    private readonly HostMemory ram;
    private readonly ulong* tags;
    private ulong lentEnd;

    /// <summary>
    /// RAM of <paramref name="frameCount"/> frames of 2^<paramref name="pageShift"/> bytes, all zero.
    /// </summary>
    public PhysicalMemory(uint frameCount, int pageShift, ContentMode contents)
    {
        FrameCount = frameCount;
        PageShift = pageShift;
        Contents = contents;
        lentEnd = (ulong)frameCount << pageShift;
        ram = new HostMemory(lentEnd + (frameCount * LentBytesAFrame) + LentBytes);
        Base = ram.Base;
        if (contents == ContentMode.Tags)
            tags = (ulong*)Lend((ulong)frameCount * sizeof(ulong)).Base;
    }

    /// <summary>Number of frames.</summary>
    public uint FrameCount { get; }

    /// <summary>log2 of the bytes of a frame.</summary>
    public int PageShift { get; }

    /// <summary>What is kept of data.</summary>
    public ContentMode Contents { get; }

    /// <summary>Frame 0.</summary>
    public byte* Base { get; }

    /// <summary>
    /// Host memory that reads as zero, in cache lines of its own. It may lie in RAM's own range, and is then gone
    /// with RAM: the borrower is disposed of first, or touches it no more.
    /// </summary>
    public HostPart Lend(ulong bytes)
    {
        ulong end = lentEnd + ((bytes + LentAlignment - 1) & ~(LentAlignment - 1));
        if (end > ram.Bytes)
            return HostPart.Own(bytes);
        var part = new HostPart(Base + lentEnd, null);
        lentEnd = end;
        return part;
    }

    /// <summary>The first byte of a frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* FrameAt(Pfn pfn) => Base + ((ulong)pfn.Value << PageShift);

    /// <summary>Reads a page-table entry of <paramref name="entryBytes"/> (4 or 8) bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadEntry(Pfn table, int index, int entryBytes) =>
        entryBytes == 8 ? ((ulong*)FrameAt(table))[index] : ((uint*)FrameAt(table))[index];

    /// <summary>Writes a page-table entry of <paramref name="entryBytes"/> (4 or 8) bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteEntry(Pfn table, int index, int entryBytes, ulong entry)
    {
        if (entryBytes == 8)
            ((ulong*)FrameAt(table))[index] = entry;
        else
            ((uint*)FrameAt(table))[index] = (uint)entry;
    }

    /// <summary>Makes a frame's data read as zero. Page tables are cleared with <see cref="ClearTable"/>.</summary>
    public void ClearData(Pfn pfn)
    {
        if (tags != null)
            TagAt(pfn) = 0;
        else if (Contents == ContentMode.Bytes)
            new Span<byte>(FrameAt(pfn), 1 << PageShift).Clear();
    }

    /// <summary>Fills a frame's data with junk: what was to be read into it could not be.</summary>
    public void Spoil(Pfn pfn)
    {
        if (tags != null)
            TagAt(pfn) = Junk;
        else if (Contents == ContentMode.Bytes)
            new Span<byte>(FrameAt(pfn), 1 << PageShift).Fill(unchecked((byte)Junk));
    }

    /// <summary>Makes every entry of a page-table frame empty.</summary>
    public void ClearTable(Pfn pfn) => new Span<byte>(FrameAt(pfn), 1 << PageShift).Clear();

    /// <summary>Copies a frame's data.</summary>
    public void CopyData(Pfn from, Pfn to)
    {
        if (tags != null)
            TagAt(to) = TagAt(from);
        else if (Contents == ContentMode.Bytes)
            Buffer.MemoryCopy(FrameAt(from), FrameAt(to), 1L << PageShift, 1L << PageShift);
    }

    /// <summary>
    /// The 64-bit word at an offset (a multiple of 8) of a frame; with tags the frame's tag, wherever the offset.
    /// </summary>
    public ulong ReadWord(Pfn pfn, int offset) => Contents switch
    {
        ContentMode.Tags => TagAt(pfn),
        ContentMode.Bytes => *(ulong*)(FrameAt(pfn) + offset),
        _ => 0,
    };

    /// <summary>
    /// Stores a 64-bit word at an offset (a multiple of 8) of a frame; with tags it becomes the frame's tag.
    /// </summary>
    public void WriteWord(Pfn pfn, int offset, ulong value)
    {
        if (tags != null)
            TagAt(pfn) = value;
        else if (Contents == ContentMode.Bytes)
            *(ulong*)(FrameAt(pfn) + offset) = value;
    }

    /// <summary>Reads bytes of one frame; zeros where no bytes are kept.</summary>
    public void ReadBytes(Pfn pfn, int offset, Span<byte> into)
    {
        if (Contents == ContentMode.Bytes)
            new ReadOnlySpan<byte>(FrameAt(pfn) + offset, into.Length).CopyTo(into);
        else
            into.Clear();
    }

    /// <summary>Writes bytes to one frame; with tags the frame's tag becomes 0.</summary>
    public void WriteBytes(Pfn pfn, int offset, ReadOnlySpan<byte> bytes)
    {
        if (tags != null)
            TagAt(pfn) = 0;
        else if (Contents == ContentMode.Bytes)
            bytes.CopyTo(new Span<byte>(FrameAt(pfn) + offset, bytes.Length));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ram.Dispose();
    }

    private ref ulong TagAt(Pfn pfn) => ref tags[pfn.Value];
}
