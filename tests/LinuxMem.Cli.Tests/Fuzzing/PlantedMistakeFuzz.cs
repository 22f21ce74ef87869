using System.Globalization;
using System.Text;
using System.Text.Json;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Cli.Tests.Fuzzing;

/// <summary>
/// Sound inputs with one mistake at a known spot: what is said points at that spot, by line and column, or names the
/// word.
/// </summary>
/// <remarks>LINUXMEM_FUZZ says how many for each parser.</remarks>
public sealed class PlantedMistakeFuzz
{
    private const ulong UsualRuns = 600;

    [Fact]
    public void A_mistake_in_a_scenario_is_told_at_its_line_and_column()
    {
        Target target = Target.All["scenario"]();
        Run("scenario", target, (text, stream) =>
        {
            List<(int Start, int End, JsonTokenType Type)> tokens = Tokens(text);
            (int start, int end, JsonTokenType type) = tokens[(int)stream.Below((ulong)tokens.Count)];
            bool isValue = type is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True
                or JsonTokenType.False;
            string planted = type == JsonTokenType.PropertyName && stream.Percent(50) ? "\"zqx\""
                : isValue && stream.Percent(50) ? "[[[7]]]" : "@";
            int cut = planted == "@" ? start : end;
            return ([.. text[..start], .. Encoding.ASCII.GetBytes(planted), .. text[cut..]], start, planted);
        });
    }

    [Fact]
    public void A_mistake_in_a_log_of_lackey_is_told_at_its_line_and_column()
    {
        Target target = Target.All["lackey"]();
        Run("lackey", target, (text, stream) =>
        {
            List<int> spots = AccessSpots(text);
            int spot = spots[(int)stream.Below((ulong)spots.Count)];
            byte[] damaged = [.. text];
            damaged[spot] = (byte)"z;*"[(int)stream.Below(3)];
            return (damaged, spot, $"{(char)damaged[spot]}");
        });
    }

    [Fact]
    public void A_mistake_in_a_log_of_strace_is_told_at_its_line()
    {
        Target target = Target.All["strace"]();
        for (ulong number = 0; number < Runs(); number++)
        {
            var stream = new RandomStream(RandomStream.Derive(3, "plant", number));
            byte[] text = target.Corpus[(int)stream.Below((ulong)target.Corpus.Count)];
            string[] lines = Encoding.Latin1.GetString(text).Split('\n');
            int line = (int)stream.Below((ulong)lines.Length - 1);
            lines[line] = stream.Percent(50) ? "zqx" : "(" + lines[line];
            string first = Target.Strictly("strace", Encoding.Latin1.GetBytes(string.Join('\n', lines)))[0];
            Assert.True(first.StartsWith(Place(line + 1), StringComparison.Ordinal), $"{line + 1}: {first}");
        }

        static string Place(int line) => string.Create(CultureInfo.InvariantCulture, $"fuzz:{line}:");
    }

    [Fact]
    public void A_mistake_in_a_command_line_is_told_by_its_word()
    {
        Target target = Target.All["command-line"]();
        for (ulong number = 0; number < Runs(); number++)
        {
            var stream = new RandomStream(RandomStream.Derive(4, "plant", number));
            byte[] text = target.Corpus[(int)stream.Below((ulong)target.Corpus.Count)];
            List<string> words = [.. Encoding.UTF8.GetString(text).Split('\0')];
            // Behind "--" words are somebody else's; who takes any number of files tells of them as it runs.
            if (words.Contains("--") || words.Contains("--version") || words[0] is "replay" or "mrc")
                continue;
            string planted = $"--zq{number}";
            int at = 1 + (int)stream.Below((ulong)words.Count);
            // Behind an option it may be that one's value.
            if (words[at - 1].StartsWith("--", StringComparison.Ordinal))
                continue;
            words.Insert(at, planted);
            IReadOnlyList<string> messages = target.Read(Encoding.UTF8.GetBytes(string.Join('\0', words)));
            Assert.True(messages.Any(message => message.Contains(planted, StringComparison.Ordinal)),
                $"{string.Join(' ', words)}: {string.Join(" | ", messages)}");
        }
    }

    private static void Run(string name, Target target,
        Func<byte[], RandomStream, (byte[] Text, int Spot, string Planted)> plant)
    {
        for (ulong number = 0; number < Runs(); number++)
        {
            var stream = new RandomStream(RandomStream.Derive(2, "plant", number));
            byte[] sound = target.Corpus[(int)stream.Below((ulong)target.Corpus.Count)];
            (byte[] text, int spot, string planted) = plant(sound, stream);
            int line = 1 + text.AsSpan(0, spot).Count((byte)'\n');
            int column = spot - text.AsSpan(0, spot).LastIndexOf((byte)'\n');
            string place = string.Create(CultureInfo.InvariantCulture, $"fuzz:{line}:{column}: ");
            IReadOnlyList<string> messages = name == "lackey" ? Target.Strictly(name, text) : target.Read(text);
            Assert.True(messages.Any(message => message.StartsWith(place, StringComparison.Ordinal)),
                $"{name}, plant {number}, {planted} at {place}: {string.Join(" | ", messages)}\n"
                    + Encoding.Latin1.GetString(text, Math.Max(0, spot - 60), Math.Min(120, text.Length - spot)));
        }
    }

    private static List<(int Start, int End, JsonTokenType Type)> Tokens(byte[] text)
    {
        var tokens = new List<(int, int, JsonTokenType)>();
        var reader = new Utf8JsonReader(text, new JsonReaderOptions
        {
            CommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
        });
        while (reader.Read())
        {
            int start = (int)reader.TokenStartIndex;
            int length = reader.ValueSpan.Length
                + (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? 2 : 0);
            if (tokens.Count > 0 || start > 0)
                tokens.Add((start, start + length, reader.TokenType));
        }

        return tokens;
    }

    // Where addresses, commas and sizes of accesses are.
    private static List<int> AccessSpots(byte[] text)
    {
        var spots = new List<int>();
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\n')
                continue;
            bool isAccess = i - start > 5 && text[start] is (byte)' ' or (byte)'I'
                && text[start + 1] is (byte)'L' or (byte)'S' or (byte)'M' or (byte)' ' && text[start + 2] == ' ';
            for (int at = start + 3; isAccess && at < i; at++)
                spots.Add(at);
            start = i + 1;
        }

        return spots;
    }

    private static ulong Runs() => ulong.TryParse(Environment.GetEnvironmentVariable("LINUXMEM_FUZZ"),
        CultureInfo.InvariantCulture, out ulong set) ? Math.Min(set, 100_000) : UsualRuns;
}
