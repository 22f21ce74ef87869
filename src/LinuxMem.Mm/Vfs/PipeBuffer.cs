using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Uaccess;

namespace LinuxMem.Mm.Vfs;

/// <summary>A page of a pipe, or the part of one that is its: of the pipe's own, or somebody else's.</summary>
/// <remarks>Linux: include/linux/pipe_fs_i.h: struct pipe_buffer, v6.18.</remarks>
public sealed class PipeBuffer
{
    private readonly byte[] page;
    private readonly LentPages? lender;
    private readonly Pfn lent;

    /// <summary>A page of the pipe's with some bytes, which begin somewhere in it.</summary>
    public PipeBuffer(byte[] page, int start, int length)
    {
        this.page = page;
        Start = start;
        Length = length;
    }

    /// <summary>
    /// Some bytes of a page of memory or of a file, as they are when they are read. It takes a reference;
    /// <see cref="Release"/> gives that back.
    /// </summary>
    public PipeBuffer(LentPages lender, Pfn lent, int start, int length)
        : this([], start, length)
    {
        this.lender = lender;
        this.lent = lent;
        lender.Lend(lent);
    }

    /// <summary>Where its unread bytes begin.</summary>
    public int Start { get; private set; }

    /// <summary>How many bytes are unread.</summary>
    public int Length { get; private set; }

    /// <summary>Whether a short write may go behind its bytes (PIPE_BUF_FLAG_CAN_MERGE).</summary>
    public bool CanMerge { get; init; }

    /// <summary>Whether one read takes it as a whole, and nothing after it (PIPE_BUF_FLAG_PACKET).</summary>
    public bool IsPacket { get; init; }

    /// <summary>The first of the unread bytes, as they are now. Precondition: there are so many.</summary>
    public ReadOnlyMemory<byte> Peek(int count)
    {
        if (lender is null)
            return page.AsMemory(Start, count);
        byte[] bytes = new byte[count];
        lender.Read(lent, Start, bytes);
        return bytes;
    }

    /// <summary>What lies behind its bytes, for a short write; see <see cref="CanMerge"/>.</summary>
    public Memory<byte> Behind(int count) => page.AsMemory(Start + Length, count);

    /// <summary>So many bytes were written behind those that it has.</summary>
    public void Extend(int count) => Length += count;

    /// <summary>The first of the unread bytes are read.</summary>
    public void Consume(int count)
    {
        Start += count;
        Length -= count;
    }

    /// <summary>
    /// Another buffer of the same page with the first of the unread bytes; nothing is written behind those.
    /// </summary>
    public PipeBuffer Share(int length) => lender is null
        ? new(page, Start, length) { IsPacket = IsPacket }
        : new(lender, lent, Start, length) { IsPacket = IsPacket };

    /// <summary>Nobody will read it any more.</summary>
    public void Release() => lender?.Return(lent);
}
