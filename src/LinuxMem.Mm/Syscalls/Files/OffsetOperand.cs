using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>A position in a file that a call takes from user memory and gives back there.</summary>
/// <remarks>Linux: fs/splice.c: __do_splice; fs/read_write.c: sendfile64, copy_file_range, v6.18.</remarks>
internal sealed class OffsetOperand(FileServices services)
{
    /// <summary>Whether it was taken; if not, the call has failed with EFAULT.</summary>
    internal bool IsTaken { get; private set; }

    /// <summary>The position in bytes; null where the caller gives none, and the file's own counts.</summary>
    internal ulong? Value { get; private set; }

    /// <summary>Takes it from an address, 0 for none, or from a word of the operands.</summary>
    internal IEnumerator<PageLookup> Take(CallProgress call, ulong address, int word)
    {
        IsTaken = true;
        if (address == 0)
            yield break;
        bool known = call.Operands?.Words is { } words && words.Count > word;
        if (known)
            Value = call.Operands!.Words![word];
        if (call.Operands is { BuffersUnknown: true })
            yield break;
        byte[] raw = new byte[8];
        for (var steps = services.Copy.CopyFromUser(call, address, raw); steps.MoveNext();)
            yield return steps.Current;
        IsTaken = call.Copied == 8;
        if (!IsTaken)
            call.Fail(Errno.EFAULT);
        else if (!known)
            Value = BinaryPrimitives.ReadUInt64LittleEndian(raw);
    }

    /// <summary>Gives it back where it came from; EFAULT where that cannot be written any more.</summary>
    internal IEnumerator<PageLookup> Give(CallProgress call, ulong address, ulong position)
    {
        if (Value is null || address == 0 || call.Operands is { BuffersUnknown: true })
            yield break;
        byte[] raw = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(raw, position);
        for (var steps = services.Copy.CopyToUser(call, address, raw); steps.MoveNext();)
            yield return steps.Current;
        if (call.Copied < 8)
            call.Fail(Errno.EFAULT);
    }
}
