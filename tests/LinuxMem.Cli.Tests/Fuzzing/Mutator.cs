using LinuxMem.Simulation.Random;

namespace LinuxMem.Cli.Tests.Fuzzing;

/// <summary>Damages valid inputs, the same way for the same seed.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> corpus, IReadOnlyList<byte[]> words)
{
    private const int BytesMax = 1 << 16;

    private static readonly byte[][] Numbers =
    [
        .. new[]
        {
            "0", "-1", "1", "4294967295", "18446744073709551615", "18446744073709551616", "99999999999999999999999",
            "0x0", "0xffffffffffffffff", "0x10000000000000000", "1e9", "0.5", "01", "1_000", "9223372036854775808",
        }.Select(text => System.Text.Encoding.ASCII.GetBytes(text)),
    ];

    /// <summary>The input of a number.</summary>
    public byte[] Make(ulong seed, ulong number)
    {
        var stream = new RandomStream(RandomStream.Derive(seed, "fuzz", number));
        byte[] input = corpus[(int)stream.Below((ulong)corpus.Count)];
        // A piece of a large one does as well, and goes faster.
        if (input.Length > BytesMax || stream.Percent(30))
        {
            int start = (int)stream.Below((ulong)input.Length);
            input = input[start..Math.Min(input.Length, start + 1 + (int)stream.Below(4096))];
        }

        for (ulong i = stream.Below(6); i < 6; i++)
            input = Change(input, ref stream);
        return input.Length > BytesMax ? input[..BytesMax] : input;
    }

    private byte[] Change(byte[] input, ref RandomStream stream)
    {
        int at = (int)stream.Below((ulong)input.Length + 1);
        int length = (int)stream.Below(Math.Min(64, (ulong)(input.Length - at)) + 1);
        switch (stream.Below(10))
        {
            case 0:
                return input[..at];
            case 1:
                return [.. input[..at], .. input[(at + length)..]];
            case 2:
                return [.. input[..at], .. input[at..(at + length)], .. input[at..]];
            case 3:
                return [.. input[..at], (byte)stream.Below(256), .. input[at..]];
            case 4:
                return [.. input[..at], .. Numbers[stream.Below((ulong)Numbers.Length)], .. input[(at + length)..]];
            case 5:
                return [.. input[..at], .. words[(int)stream.Below((ulong)words.Count)], .. input[at..]];
            case 6:
                byte[] other = corpus[(int)stream.Below((ulong)corpus.Count)];
                int from = (int)stream.Below((ulong)other.Length);
                int to = Math.Min(other.Length, from + (int)stream.Below(256));
                return [.. input[..at], .. other[from..to], .. input[at..]];
            case 7 when input.Length > 0:
                byte[] flipped = [.. input];
                flipped[Math.Min(at, input.Length - 1)] ^= (byte)(1 << (int)stream.Below(8));
                return flipped;
            case 8:
                // Deep nesting.
                byte[] one = words[(int)stream.Below((ulong)words.Count)];
                return [.. input[..at], .. Enumerable.Repeat(one, 1 + (int)stream.Below(200)).SelectMany(b => b),
                    .. input[at..]];
            default:
                byte[] set = [.. input];
                for (int i = at; i < at + length; i++)
                    set[i] = (byte)stream.Below(256);
                return set;
        }
    }
}
