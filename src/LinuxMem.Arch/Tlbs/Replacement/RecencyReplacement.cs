using System.Numerics;
using System.Runtime.CompilerServices;

namespace LinuxMem.Arch.Tlbs.Replacement;

/// <summary>
/// Exact least recently used, as a list of ways in one word for each set: four bits a way, the last used lowest. A fill
/// finds its victim without a search; a use costs more than <see cref="LruReplacement"/>'s. For caches behind the first
/// level, alone in their arena. Empty slots are at the end, so that the first of them is given up first.
/// </summary>
internal readonly unsafe struct RecencyReplacement : ITlbReplacement<RecencyReplacement>
{
    /// <summary>How many ways fit into a word.</summary>
    public const int WaysMax = 16;

    private const int Bits = 4;
    private const ulong Way = (1 << Bits) - 1;
    private const ulong Ones = ulong.MaxValue / Way;
    private readonly ulong* orders;
    private readonly ulong* tags;
    private readonly int ways;

    private RecencyReplacement(TlbArena arena)
    {
        orders = arena.Trees;
        tags = arena.Tags;
        ways = arena.SlotCount / arena.SetCount;
    }

    /// <inheritdoc/>
    public static bool FindsEmpty => true;

    /// <inheritdoc/>
    public static RecencyReplacement Over(TlbArena arena) => new(arena);

    /// <summary>The order of an empty set.</summary>
    public static ulong FirstOrder(int ways)
    {
        ulong order = 0;
        for (int way = 0; way < ways; way++)
            order = (order << Bits) | (uint)way;
        return order;
    }

    /// <summary>The way that a fill gives up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LastOf(ulong order, int ways) => (int)((order >> (Bits * (ways - 1))) & Way);

    /// <summary>The order after a fill of the last way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong LastFirst(ulong order, int last, int ways) =>
        ((order << Bits) | (uint)last) & (ulong.MaxValue >> (64 - (Bits * ways)));

    /// <summary>The order after a use of a way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong UsedFirst(ulong order, int way)
    {
        ulong later = (1UL << PlaceOf(order, way)) - 1;
        return (order & ~((later << Bits) | Way)) | ((order & later) << Bits) | (uint)way;
    }

    /// <inheritdoc/>
    public void Touch(nuint slot, long tick)
    {
        int set = (int)slot / ways;
        orders[set] = UsedFirst(orders[set], (int)slot - (set * ways));
    }

    /// <inheritdoc/>
    public void Filled(nuint slot, long tick)
    {
        int set = (int)slot / ways;
        orders[set] = LastFirst(orders[set], (int)slot - (set * ways), ways);
    }

    /// <inheritdoc/>
    public void Cleared(nuint slot)
    {
        int set = (int)slot / ways;
        int way = (int)slot - (set * ways);
        ulong order = orders[set];
        int place = PlaceOf(order, way);
        ulong later = (1UL << place) - 1;
        order = (order & later) | (order >> Bits & ~later);
        int to = Bits * (ways - 1);
        for (; to > 0; to -= Bits)
        {
            int before = (int)((order >> (to - Bits)) & Way);
            if (before > way || tags[(set * ways) + before] != TlbTag.Empty)
                break;
        }

        later = (1UL << to) - 1;
        orders[set] = (order & later) | ((ulong)(uint)way << to) | ((order & ~later) << Bits);
    }

    /// <inheritdoc/>
    public int Victim(int firstSlot, int set, int ways) => LastOf(orders[set], ways);

    // The lowest bits that are equal to the way: exact, as borrows only ever come from equal ones below.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PlaceOf(ulong order, int way)
    {
        ulong differs = order ^ ((uint)way * Ones);
        ulong equal = (differs - Ones) & ~differs & (Ones << (Bits - 1));
        return BitOperations.TrailingZeroCount(equal) - (Bits - 1);
    }
}
