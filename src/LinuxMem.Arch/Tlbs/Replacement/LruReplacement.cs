using System.Runtime.CompilerServices;

namespace LinuxMem.Arch.Tlbs.Replacement;

/// <summary>Exact least recently used: a use is one store of the tick, the search for the oldest is left to
/// fills.</summary>
internal readonly unsafe struct LruReplacement : ITlbReplacement<LruReplacement>
{
    private readonly long* stamps;

    private LruReplacement(TlbArena arena) => stamps = arena.Stamps;

    /// <inheritdoc/>
    public static bool FindsEmpty => true;

    /// <inheritdoc/>
    public static LruReplacement Over(TlbArena arena) => new(arena);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Touch(nuint slot, long tick) => stamps[slot] = tick;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Filled(nuint slot, long tick) => stamps[slot] = tick;

    /// <inheritdoc/>
    public void Cleared(nuint slot) => stamps[slot] = 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Victim(int firstSlot, int set, int ways) => WaySearch.IndexOfMin(stamps + firstSlot, ways);
}
