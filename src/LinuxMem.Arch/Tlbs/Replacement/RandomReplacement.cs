using System.Runtime.CompilerServices;

namespace LinuxMem.Arch.Tlbs.Replacement;

/// <summary>A random way, each as likely. Numbers come from the arena's own stream, and only full sets draw.</summary>
internal readonly unsafe struct RandomReplacement : ITlbReplacement<RandomReplacement>
{
    private readonly ulong* state;

    private RandomReplacement(TlbArena arena) => state = arena.RandomState;

    /// <inheritdoc/>
    public static bool FindsEmpty => false;

    /// <inheritdoc/>
    public static RandomReplacement Over(TlbArena arena) => new(arena);

    /// <summary>The first state of the stream of a seed; never 0, which the generator would not leave.</summary>
    public static ulong FirstState(ulong seed)
    {
        ulong z = (seed ^ (seed >> 31)) * 0x7fb5d329728ea185;
        z = (z ^ (z >> 27)) * 0x81dadef4bc2dd44d;
        return (z ^ (z >> 33)) | 1;
    }

    /// <summary>The next number below <paramref name="bound"/>: xorshift64*, its upper half scaled.</summary>
    public static int Below(ref ulong state, int bound)
    {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return (int)(((state * 0x2545f4914f6cdd1d) >> 32) * (ulong)bound >> 32);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Touch(nuint slot, long tick)
    {
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Filled(nuint slot, long tick)
    {
    }

    /// <inheritdoc/>
    public void Cleared(nuint slot)
    {
    }

    /// <inheritdoc/>
    public int Victim(int firstSlot, int set, int ways) => Below(ref *state, ways);
}
