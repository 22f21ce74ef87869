using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LinuxMem.Arch.Tlbs;

/// <summary>Searches over the ways of a set. The answers do not depend on the host's vector instructions.</summary>
/// <remarks>
/// All ways come before the one branch: where among them the match is cannot be predicted, whether there is one often
/// can. Sets of 4 and 12 ways, the usual ones, are spared the loop.
/// </remarks>
internal static unsafe class WaySearch
{
    /// <summary>The first index whose word equals <paramref name="wanted"/>, or -1. At most 64 words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IndexOf(ulong* words, int count, ulong wanted)
    {
        ulong equal;
        if (!Vector256.IsHardwareAccelerated)
            equal = EqualOneByOne(words, 0, count, wanted);
        else if (count == 4)
            equal = EqualOfFour(words, Vector256.Create(wanted));
        else if (count == 12)
            equal = EqualOfTwelve(words, Vector256.Create(wanted));
        else
            equal = EqualOfAny(words, count, wanted);
        return equal == 0 ? -1 : BitOperations.TrailingZeroCount(equal);
    }

    /// <summary>The first index of the smallest number. Precondition: count is at least 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IndexOfMin(long* numbers, int count)
    {
        ulong equal;
        if (Vector256.IsHardwareAccelerated && count == 4)
            equal = EqualOfFour((ulong*)numbers, LeastInAllLanes(Vector256.Load(numbers)));
        else if (Vector256.IsHardwareAccelerated && count == 12)
            equal = EqualOfTwelve((ulong*)numbers, LeastInAllLanes(LeastOfTwelve(numbers)));
        else
            return IndexOfMinOfAny(numbers, count);
        return BitOperations.TrailingZeroCount(equal);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint EqualOfFour(ulong* words, Vector256<ulong> needle) =>
        Vector256.Equals(Vector256.Load(words), needle).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint EqualOfTwelve(ulong* words, Vector256<ulong> needle) =>
        EqualOfFour(words, needle) | (EqualOfFour(words + 4, needle) << 4) | (EqualOfFour(words + 8, needle) << 8);

    private static ulong EqualOfAny(ulong* words, int count, ulong wanted)
    {
        ulong equal = 0;
        int i = 0;
        var needle = Vector256.Create(wanted);
        for (; i + 4 <= count; i += 4)
            equal |= (ulong)EqualOfFour(words + i, needle) << i;
        return equal | EqualOneByOne(words, i, count, wanted);
    }

    private static ulong EqualOneByOne(ulong* words, int from, int count, ulong wanted)
    {
        ulong equal = 0;
        for (int i = from; i < count; i++)
            equal |= (words[i] == wanted ? 1UL : 0) << i;
        return equal;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> LeastOfTwelve(long* numbers) =>
        Vector256.Min(Vector256.Min(Vector256.Load(numbers), Vector256.Load(numbers + 4)), Vector256.Load(numbers + 8));

    // Stays in vector registers, where the comparison wants it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> LeastInAllLanes(Vector256<long> numbers)
    {
        Vector256<long> pairs = Vector256.Min(numbers, Vector256.Shuffle(numbers, Vector256.Create(2L, 3, 0, 1)));
        return Vector256.Min(pairs, Vector256.Shuffle(pairs, Vector256.Create(1L, 0, 3, 2))).AsUInt64();
    }

    private static int IndexOfMinOfAny(long* numbers, int count)
    {
        int i = 0;
        long least = long.MaxValue;
        if (Vector256.IsHardwareAccelerated && count >= 4)
        {
            var min = Vector256.Load(numbers);
            for (i = 4; i + 4 <= count; i += 4)
                min = Vector256.Min(min, Vector256.Load(numbers + i));
            least = Math.Min(Math.Min(min[0], min[1]), Math.Min(min[2], min[3]));
        }

        for (; i < count; i++)
            least = Math.Min(least, numbers[i]);
        return IndexOf((ulong*)numbers, count, (ulong)least);
    }
}
