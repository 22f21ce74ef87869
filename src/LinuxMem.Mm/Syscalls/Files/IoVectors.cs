using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>Takes over the caller's array of ranges.</summary>
/// <remarks>Linux: lib/iov_iter.c: import_iovec, __import_iovec, v6.18.</remarks>
public sealed class IoVectors
{
    /// <summary>The most bytes that one call moves (MAX_RW_COUNT).</summary>
    public const ulong BytesMax = 0x7fff_f000;

    private const ulong CountMax = 1024;
    private readonly FileServices services;

    /// <summary>With the machine's services.</summary>
    public IoVectors(FileServices services) => this.services = services;

    /// <summary>The ranges; null if they were refused, with the call's result set.</summary>
    public IReadOnlyList<IoVec>? Vectors { get; private set; }

    /// <summary>The one range of read and write.</summary>
    public static IoVec[] Single(CallProgress call) => [new IoVec(call.Request.A1, call.Request.A2)];

    /// <summary>
    /// Reads the array: from the operands, with its memory touched, or from memory itself. EINVAL: too many, or a
    /// negative length; EFAULT: also where a range lies beyond the memory of programs.
    /// </summary>
    public IEnumerator<PageLookup> Import(CallProgress call, ulong address, ulong count)
    {
        Vectors = null;
        if (count > CountMax)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        bool known = call.Operands?.Vectors is not null;
        byte[] raw = new byte[count * 16];
        if (!known || (address != 0 && !call.Operands!.BuffersUnknown))
        {
            for (var steps = services.Copy.CopyFromUser(call, address, raw); steps.MoveNext();)
                yield return steps.Current;
            if (call.Copied < (ulong)raw.Length)
            {
                call.Fail(Errno.EFAULT);
                yield break;
            }

            call.Operands?.Copied.Clear();
        }

        IReadOnlyList<IoVec> vectors = known ? call.Operands!.Vectors! : Parse(raw);
        foreach (IoVec vector in vectors)
        {
            if ((long)vector.Length < 0)
            {
                call.Fail(Errno.EINVAL);
                yield break;
            }
        }

        // What strace shows as contents has no address here. A single range is cut before it is looked at.
        bool isShownAsContents = call.Operands is { BuffersUnknown: true };
        foreach (IoVec vector in vectors)
        {
            ulong bytes = vectors.Count == 1 ? Math.Min(vector.Length, BytesMax) : vector.Length;
            bool isTold = !isShownAsContents || vector.Base != 0;
            if (isTold && !services.Users.IsUserRange(vector.Base, bytes))
            {
                call.Fail(Errno.EFAULT);
                yield break;
            }
        }

        Vectors = vectors;
    }

    private static IoVec[] Parse(byte[] raw)
    {
        var vectors = new IoVec[raw.Length / 16];
        for (int i = 0; i < vectors.Length; i++)
        {
            vectors[i] = new IoVec(BinaryPrimitives.ReadUInt64LittleEndian(raw.AsSpan(i * 16)),
                BinaryPrimitives.ReadUInt64LittleEndian(raw.AsSpan((i * 16) + 8)));
        }

        return vectors;
    }
}
