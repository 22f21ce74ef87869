namespace LinuxMem.Mm.Vfs;

/// <summary>A page of a pipe, or the part of one that is its.</summary>
/// <remarks>Linux: include/linux/pipe_fs_i.h: struct pipe_buffer, v6.18.</remarks>
public sealed class PipeBuffer
{
    /// <summary>A page with some bytes at its start.</summary>
    public PipeBuffer(byte[] page, int length)
    {
        Page = page;
        Length = length;
    }

    /// <summary>
    /// The page. Another buffer may have it too, after tee: what is unread of either is never changed.
    /// </summary>
    public byte[] Page { get; }

    /// <summary>Where its unread bytes begin.</summary>
    public int Start { get; set; }

    /// <summary>How many bytes are unread.</summary>
    public int Length { get; set; }

    /// <summary>Whether a short write may go behind its bytes (PIPE_BUF_FLAG_CAN_MERGE).</summary>
    public bool CanMerge { get; init; }

    /// <summary>Whether one read takes it as a whole, and nothing after it (PIPE_BUF_FLAG_PACKET).</summary>
    public bool IsPacket { get; init; }

    /// <summary>The unread bytes.</summary>
    public ReadOnlyMemory<byte> Unread => Page.AsMemory(Start, Length);

    /// <summary>
    /// Another buffer of the same page with the first of the unread bytes; nothing is written behind those.
    /// </summary>
    public PipeBuffer Share(int length) => new(Page, length) { Start = Start, IsPacket = IsPacket };
}
