using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LinuxMem.Arch.Tlbs;

/// <summary>Searches over the ways of a set. The answers do not depend on the host's vector instructions.</summary>
internal static unsafe class WaySearch
{
    /// <summary>The first index whose word equals <paramref name="wanted"/>, or -1. At most 64 words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IndexOf(ulong* words, int count, ulong wanted)
    {
        // All ways before the one branch: where among them the match is cannot be predicted, whether there is one often
        // can.
        ulong equal = 0;
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var needle = Vector256.Create(wanted);
            for (; i + 4 <= count; i += 4)
                equal |= (ulong)Vector256.Equals(Vector256.Load(words + i), needle).ExtractMostSignificantBits() << i;
        }

        for (; i < count; i++)
            equal |= (words[i] == wanted ? 1UL : 0) << i;
        return equal == 0 ? -1 : BitOperations.TrailingZeroCount(equal);
    }

    /// <summary>The first index of the smallest number. Precondition: count is at least 1.</summary>
    public static int IndexOfMin(long* numbers, int count)
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
