using System.Runtime.CompilerServices;

namespace LinuxMem.Simulation;

/// <summary>
/// A running 64-bit digest of numbers in order: equal for equal sequences, in every process, culture and build.
/// </summary>
public struct Digest
{
    private const ulong Prime1 = 0x9e3779b185ebca87;
    private const ulong Prime2 = 0xc2b2ae3d27d4eb4f;
    private ulong state;
    private ulong count;

    /// <summary>Takes in a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong value)
    {
        ulong mixed = (value * Prime2) ^ state;
        mixed = (mixed << 31) | (mixed >> 33);
        state = (mixed * Prime1) + 0x85ebca77c2b2ae63;
        count++;
    }

    /// <summary>Takes in a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(long value) => Add((ulong)value);

    /// <summary>Takes in a text, by its UTF-16 units.</summary>
    public void Add(string text)
    {
        Add((ulong)text.Length);
        foreach (char c in text)
            Add((ulong)c);
    }

    /// <summary>The digest of what was taken in so far.</summary>
    public readonly ulong Value
    {
        get
        {
            ulong h = state ^ count;
            h = (h ^ (h >> 33)) * Prime2;
            h = (h ^ (h >> 29)) * Prime1;
            return h ^ (h >> 32);
        }
    }

    /// <summary>The digest as 16 hexadecimal digits.</summary>
    public readonly override string ToString() => Value.ToString("x16");
}
