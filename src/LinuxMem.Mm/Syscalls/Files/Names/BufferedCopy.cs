using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;

namespace LinuxMem.Mm.Syscalls.Files.Names;

/// <summary>Copies a value from and to a caller, whose memory may not be known.</summary>
internal sealed class BufferedCopy(FileServices services)
{
    /// <summary>What was copied in; null if an address was bad, with the call's result set.</summary>
    internal byte[]? Bytes { get; private set; }

    /// <summary>Takes bytes over: EFAULT.</summary>
    internal IEnumerator<PageLookup> In(CallProgress call, ulong address, int count)
    {
        Bytes = new byte[count];
        if (call.Operands is { BuffersUnknown: true } operands)
        {
            operands.Outgoing[..Math.Min(count, operands.Outgoing.Length)].CopyTo(Bytes);
            yield break;
        }

        if (count == 0)
            yield break;
        for (var steps = services.Copy.CopyFromUser(call, address, Bytes); steps.MoveNext();)
            yield return steps.Current;
        if (call.Copied == (ulong)count)
            yield break;
        Bytes = null;
        call.Fail(Errno.EFAULT);
    }

    /// <summary>Gives bytes: EFAULT.</summary>
    internal IEnumerator<PageLookup> Out(CallProgress call, ulong address, byte[] bytes)
    {
        if (call.Operands is { BuffersUnknown: true } || bytes.Length == 0)
            yield break;
        for (var steps = services.Copy.CopyToUser(call, address, bytes); steps.MoveNext();)
            yield return steps.Current;
        if (call.Copied < (ulong)bytes.Length)
            call.Fail(Errno.EFAULT);
    }
}
