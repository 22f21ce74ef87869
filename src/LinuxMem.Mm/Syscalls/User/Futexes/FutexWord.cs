using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Futexes;
using LinuxMem.Mm.Syscalls.Files;

namespace LinuxMem.Mm.Syscalls.User.Futexes;

/// <summary>What the kernel has written to words whose contents nobody keeps.</summary>
internal sealed class FutexGuesses
{
    private readonly Dictionary<FutexKey, uint> words = [];

    /// <summary>A word; 0 if the kernel has not written it.</summary>
    public uint this[FutexKey key]
    {
        get => words.GetValueOrDefault(key);
        set
        {
            if (value == 0)
                words.Remove(key);
            else
                words[key] = value;
        }
    }
}

/// <summary>A word of user memory that says who has a lock; for one call.</summary>
/// <remarks>
/// Linux: kernel/futex/core.c: futex_get_value_locked, futex_cmpxchg_value_locked, v6.18. Where contents are not kept,
/// or the caller's memory is not known, the word is what the kernel has made of it.
/// </remarks>
/// <param name="services">Copies.</param>
/// <param name="guesses">Words that are not kept.</param>
/// <param name="call">The call.</param>
/// <param name="address">Where.</param>
/// <param name="key">The futex there.</param>
internal sealed class FutexWord(
    FileServices services, FutexGuesses guesses, CallProgress call, ulong address, FutexKey key)
{
    private readonly byte[] bytes = new byte[FutexAddress.WordBytes];

    /// <summary>The word, once it has been read.</summary>
    public uint Value { get; private set; }

    /// <summary>Whether the word is in memory, and not guessed.</summary>
    public bool IsKnown => !IsAway && services.Memory.Ram.Contents == ContentMode.Bytes;

    private bool IsAway => call.Operands is { BuffersUnknown: true };

    /// <summary>Reads it; if it is to be changed, makes its page writable first. The call fails with EFAULT.</summary>
    public IEnumerator<PageLookup> Read(bool toWrite = true)
    {
        Value = guesses[key];
        if (IsAway)
            yield break;
        call.Copied = 0;
        if (toWrite)
        {
            for (var touch = services.Copy.Touch(call, address, FutexAddress.WordBytes, AccessKind.Write);
                touch.MoveNext();)
                yield return touch.Current;
        }

        if (!toWrite || call.Copied == FutexAddress.WordBytes)
        {
            for (var copy = services.Copy.CopyFromUser(call, address, bytes); copy.MoveNext();)
                yield return copy.Current;
        }

        if (call.Copied < FutexAddress.WordBytes)
            call.Fail(Errno.EFAULT);
        else if (IsKnown)
            Value = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>Changes it. The call fails with EFAULT.</summary>
    public IEnumerator<PageLookup> Write(uint value)
    {
        Value = value;
        if (!IsKnown)
            guesses[key] = value;
        if (IsAway)
            yield break;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        for (var copy = services.Copy.CopyToUser(call, address, bytes); copy.MoveNext();)
            yield return copy.Current;
        if (call.Copied < FutexAddress.WordBytes)
            call.Fail(Errno.EFAULT);
    }
}
