using LinuxMem.Abi;

namespace LinuxMem.Mm.Uaccess;

/// <summary>The ranges of user memory that a call reads or writes, and how far it is.</summary>
/// <remarks>Linux: include/linux/uio.h: struct iov_iter, v6.18.</remarks>
public sealed class UserBuffer
{
    private readonly IReadOnlyList<IoVec> vectors;
    private int at;
    private ulong done;

    /// <summary>One range or several, in order.</summary>
    public UserBuffer(IReadOnlyList<IoVec> vectors, bool isUnknown)
    {
        this.vectors = vectors;
        IsUnknown = isUnknown;
        foreach (IoVec vector in vectors)
            Left += vector.Length;
    }

    /// <summary>Memory of the kernel in place of a user's, for what goes from file to file.</summary>
    public static UserBuffer OfKernel(Memory<byte> memory) =>
        new([new IoVec(0, (ulong)memory.Length)], isUnknown: false) { Kernel = memory };

    /// <summary>
    /// No memory at all: what takes pages of files as they are, and bytes where there is no page, up to so many bytes.
    /// </summary>
    public static UserBuffer OfPages(ulong most, IPageTaker taker) =>
        new([new IoVec(0, most)], isUnknown: false) { Taker = taker };

    /// <summary>Who takes pages in place of bytes; null else.</summary>
    public IPageTaker? Taker { get; private init; }

    /// <summary>The kernel's memory that stands for the user's; null else.</summary>
    public Memory<byte>? Kernel { get; private init; }

    /// <summary>Whether nobody knows the addresses, so that no memory is touched.</summary>
    public bool IsUnknown { get; }

    /// <summary>Bytes not yet passed.</summary>
    public ulong Left { get; private set; }

    /// <summary>Bytes passed.</summary>
    public ulong Passed { get; private set; }

    /// <summary>The rest of the range that comes next, which is not empty while bytes are left.</summary>
    public IoVec Next
    {
        get
        {
            while (at < vectors.Count && vectors[at].Length == done)
            {
                at++;
                done = 0;
            }

            return at == vectors.Count ? default : new IoVec(vectors[at].Base + done, vectors[at].Length - done);
        }
    }

    /// <summary>Passes over bytes. Precondition: no more than the next range has.</summary>
    public void Advance(ulong bytes)
    {
        done += bytes;
        Passed += bytes;
        Left -= bytes;
    }

    /// <summary>Leaves out what lies beyond so many bytes from here.</summary>
    public void Limit(ulong bytes) => Left = Math.Min(Left, bytes);
}
