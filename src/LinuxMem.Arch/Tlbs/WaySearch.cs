using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LinuxMem.Arch.Tlbs;

/// <summary>Searches over the ways of a set. The answers do not depend on the host's vector instructions.</summary>
internal static unsafe class WaySearch
{
    /// <summary>The first index whose word equals <paramref name="wanted"/>, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IndexOf(ulong* words, int count, ulong wanted)
    {
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var needle = Vector256.Create(wanted);
            for (; i + 4 <= count; i += 4)
            {
                uint equal = Vector256.Equals(Vector256.Load(words + i), needle).ExtractMostSignificantBits();
                if (equal != 0)
                    return i + BitOperations.TrailingZeroCount(equal);
            }
        }

        for (; i < count; i++)
        {
            if (words[i] == wanted)
                return i;
        }

        return -1;
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
