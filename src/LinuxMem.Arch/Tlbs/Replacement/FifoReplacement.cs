using System.Runtime.CompilerServices;

namespace LinuxMem.Arch.Tlbs.Replacement;

/// <summary>First in, first out: uses change nothing.</summary>
internal readonly unsafe struct FifoReplacement : ITlbReplacement<FifoReplacement>
{
    private readonly long* stamps;

    private FifoReplacement(TlbArena arena) => stamps = arena.Stamps;

    /// <inheritdoc/>
    public static bool FindsEmpty => true;

    /// <inheritdoc/>
    public static FifoReplacement Over(TlbArena arena) => new(arena);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Touch(nuint slot, long tick)
    {
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Filled(nuint slot, long tick) => stamps[slot] = tick;

    /// <inheritdoc/>
    public void Cleared(nuint slot) => stamps[slot] = 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Victim(int firstSlot, int set, int ways) => WaySearch.IndexOfMin(stamps + firstSlot, ways);
}
