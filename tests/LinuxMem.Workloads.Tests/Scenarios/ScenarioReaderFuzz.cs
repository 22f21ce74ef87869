using CsCheck;
using LinuxMem.Simulation;
using LinuxMem.Workloads.Scenarios;

namespace LinuxMem.Workloads.Tests.Scenarios;

public sealed class ScenarioReaderFuzz
{
    private static readonly byte[] Interesting = "{}[]\",:0159-.eE/*\\ \n\r\tutrfn\0\u007f"u8.ToArray();

    private static readonly Gen<(int Kind, int At, byte Value, int Length)> Mutation =
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 1 << 20], Either(OneOfConst(Interesting), Gen.Byte), Gen.Int[1, 40]);

    [Fact]
    public void A_mutated_scenario_is_read_or_refused_in_words_and_nothing_else()
    {
        string[] names = ["tiny", "alpha", "fork-storm", "showcase"];
        byte[][] seeds = names.Select(n => BuiltIn.Open(n).ToArray()).ToArray();
        Gen.Select(OneOfConst(seeds), Mutation.Array[1, 6]).Sample((seed, mutations) =>
        {
            byte[] text = seed;
            foreach ((int kind, int at, byte value, int length) in mutations)
                text = Mutate(text, kind, at, value, length);
            Check(text);
        }, iter: 1500, threads: 1);
    }

    [Fact]
    public void Random_sets_are_applied_or_refused_in_words()
    {
        Gen<string> part = OneOfConst("machine", "cpus", "processes", "0", "99999999999", "steps", "tlb", "", "name",
            "seed", "-1");
        Gen<string> value = Either(OneOfConst("1", "\"x\"", "{", "{}", "[[", "null", "64MiB",
            "{\"a\":1,\"a\":2}"), Gen.String);
        Gen.Select(part.Array[1, 5], value).Sample((path, text) =>
        {
            string set = string.Join('.', path) + "=" + text;
            CheckReads(() => BuiltIn.Read("tiny", [set]));
        }, iter: 1500, threads: 1);
    }

    private static Gen<T> OneOfConst<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Gen<T> Either<T>(Gen<T> one, Gen<T> other) =>
        Gen.Select(Gen.Bool, one, other, (first, a, b) => first ? a : b);

    private static byte[] Mutate(byte[] text, int kind, int at, byte value, int length)
    {
        if (text.Length == 0)
            return [value];
        at %= text.Length;
        length = Math.Min(length, text.Length - at);
        return kind switch
        {
            0 => [.. text[..at], value, .. text[(at + 1)..]],
            1 => [.. text[..at], .. text[(at + length)..]],
            2 => [.. text[..at], value, .. text[at..]],
            3 => text[..at],
            _ => [.. text[..at], .. text[at..(at + length)], .. text[at..]],
        };
    }

    private static void Check(byte[] text) => CheckReads(() => ScenarioReader.Parse(text, "fuzz.json", []));

    private static void CheckReads(Func<object> read)
    {
        try
        {
            read();
        }
        catch (ConfigurationException e)
        {
            Assert.InRange(e.Messages.Count, 1, 21);
            Assert.All(e.Messages, m => Assert.Contains(": error: ", m, StringComparison.Ordinal));
            Assert.All(e.Messages, m => Assert.DoesNotContain(m, c => char.IsControl(c)));
        }
    }
}
