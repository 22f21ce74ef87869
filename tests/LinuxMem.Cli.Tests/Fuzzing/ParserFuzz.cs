using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace LinuxMem.Cli.Tests.Fuzzing;

/// <summary>
/// Damaged inputs of every parser: what comes of it are words with a place within the input, in bounded memory, and
/// nothing else.
/// </summary>
/// <remarks>
/// LINUXMEM_FUZZ says how many inputs for each parser, LINUXMEM_FUZZ_SEED from which seed:
/// <code>
/// LINUXMEM_FUZZ=2000000 dotnet test tests/LinuxMem.Cli.Tests -c Release --filter FullyQualifiedName~ParserFuzz
/// </code>
/// </remarks>
public sealed partial class ParserFuzz(ITestOutputHelper output)
{
    private const ulong UsualRuns = 4000;
    private const long BytesEach = 64L << 20;

    [Theory]
    [InlineData("scenario"), InlineData("lackey"), InlineData("strace"), InlineData("elf"), InlineData("command-line")]
    public void Damaged_input_ends_in_words_with_a_place_and_in_bounded_memory(string name)
    {
        Target target = Target.All[name]();
        var mutator = new Mutator(target.Corpus, target.Words);
        ulong runs = Number("LINUXMEM_FUZZ", UsualRuns);
        ulong seed = Number("LINUXMEM_FUZZ_SEED", 1);
        long most = 0;
        long refused = 0;
        foreach (byte[] sound in target.Corpus)
            Assert.Empty(target.Read(sound));
        for (ulong number = 0; number < runs; number++)
        {
            byte[] input = mutator.Make(seed, number);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                IReadOnlyList<string> messages = target.Read(input);
                refused += messages.Count > 0 ? 1 : 0;
                foreach (string message in messages)
                    CheckMessage(message, input, name == "scenario");
            }
            catch (Exception e)
            {
                Assert.Fail($"{name}, seed {seed}, input {number} ({Shown(input)}): {e}");
            }

            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.True(most < BytesEach, $"{name}, seed {seed}, input {number} takes {most} bytes ({Shown(input)})");
        }

        output.WriteLine($"{name}: {runs} inputs, {refused} refused, at most {most} bytes for one");
    }

    private static void CheckMessage(string message, byte[] input, bool isScenario)
    {
        Assert.NotEqual("", message);
        Assert.DoesNotContain(message, c => char.IsControl(c));
        if (Place().Match(message) is not { Success: true } place)
            return;
        // No code point is shorter than a byte. A lone CR ends a line of a scenario.
        string text = Encoding.Latin1.GetString(input);
        string[] lines = isScenario ? text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n', '\r')
            : text.Split('\n');
        int line = int.Parse(place.Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.InRange(line, 1, lines.Length);
        if (place.Groups[2].Success)
        {
            int column = int.Parse(place.Groups[2].Value, CultureInfo.InvariantCulture);
            Assert.InRange(column, 1, lines[line - 1].Length + 1);
        }
    }

    private static string Shown(byte[] input) =>
        Convert.ToBase64String(input.AsSpan(0, Math.Min(input.Length, 3000)));

    private static ulong Number(string variable, ulong usual) => ulong.TryParse(
        Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out ulong set) ? set : usual;

    [GeneratedRegex("^fuzz:([0-9]+)(?::([0-9]+))?:")]
    private static partial Regex Place();
}
