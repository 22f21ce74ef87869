using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls.Files;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>Reads and writes the structures that a call's pointers point at, made of 64-bit words.</summary>
public sealed class UserStructs
{
    private readonly FileServices services;

    /// <summary>With the machine's services.</summary>
    public UserStructs(FileServices services) => this.services = services;

    /// <summary>
    /// Reads words: from the operands, with their memory touched where its address is known, else from memory.
    /// <see cref="CallProgress.Copied"/> is less than their bytes where an address is bad.
    /// </summary>
    public IEnumerator<PageLookup> Read(CallProgress call, ulong address, ulong[] words)
    {
        ulong bytes = (ulong)words.Length * 8;
        IReadOnlyList<ulong>? told = call.Operands?.Words;
        bool unknown = call.Operands is { BuffersUnknown: true };
        call.Copied = bytes;
        if (told is not null)
        {
            for (int i = 0; i < Math.Min(words.Length, told.Count); i++)
                words[i] = told[i];
            if (unknown || address == 0)
                yield break;
            for (var touch = services.Copy.Touch(call, address, bytes, AccessKind.Read); touch.MoveNext();)
                yield return touch.Current;
            yield break;
        }

        if (unknown)
            yield break;
        byte[] raw = new byte[bytes];
        for (var copy = services.Copy.CopyFromUser(call, address, raw); copy.MoveNext();)
            yield return copy.Current;
        call.Operands?.Copied.Clear();
        for (int i = 0; i < words.Length; i++)
            words[i] = BinaryPrimitives.ReadUInt64LittleEndian(raw.AsSpan(i * 8));
    }

    /// <summary>
    /// Writes bytes; where the address is not known, only the operands hear of them. <see cref="CallProgress.Copied"/>
    /// is less than their number where an address is bad.
    /// </summary>
    public IEnumerator<PageLookup> Write(CallProgress call, ulong address, byte[] bytes)
    {
        if (call.Operands is { BuffersUnknown: true } operands)
        {
            if (operands.WantsCopied)
                operands.Copied.AddRange(bytes);
            call.Copied = (ulong)bytes.Length;
            yield break;
        }

        for (var copy = services.Copy.CopyToUser(call, address, bytes); copy.MoveNext();)
            yield return copy.Current;
    }

    /// <summary>Writes a structure as the last step of a call: its result is 0, or EFAULT.</summary>
    public IEnumerator<PageLookup> Finish(CallProgress call, ulong address, byte[] bytes)
    {
        for (var write = Write(call, address, bytes); write.MoveNext();)
            yield return write.Current;
        if (call.Copied < (ulong)bytes.Length)
            call.Fail(Errno.EFAULT);
        else
            call.Return(0);
    }

    /// <summary>The bytes of words.</summary>
    public static byte[] Bytes(params ReadOnlySpan<ulong> words)
    {
        byte[] bytes = new byte[words.Length * 8];
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * 8), words[i]);
        return bytes;
    }
}
