using LinuxMem.Abi;

namespace LinuxMem.Mm.Filemap;

/// <summary>The errors of writing a file back, and who has yet to hear of them.</summary>
/// <remarks>
/// Linux: lib/errseq.c: errseq_set, errseq_sample, errseq_check_and_advance, v6.18. A number grows with every error
/// that comes after somebody has heard of the last; whoever holds an older number has something to hear.
/// </remarks>
public struct ErrSeq
{
    private const ulong ErrnoMask = 0xfff;
    private const ulong Seen = 0x1000;
    private const ulong Step = 0x2000;
    private ulong value;

    /// <summary>An error has happened.</summary>
    public void Set(Errno error)
    {
        ulong next = (value & ~(ErrnoMask | Seen)) | (ulong)error;
        value = (value & Seen) != 0 ? next + Step : next;
    }

    /// <summary>
    /// What a file that is opened now holds: an error that nobody has heard of it is still to be told.
    /// </summary>
    public readonly ulong Sample() => (value & Seen) == 0 ? 0 : value;

    /// <summary>The error since a number was taken, if any; the number moves on, so that it is told once.</summary>
    public Errno CheckAndAdvance(ref ulong since)
    {
        if (value == since)
            return Errno.None;
        value |= Seen;
        since = value;
        return (Errno)(value & ErrnoMask);
    }
}
