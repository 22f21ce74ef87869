using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using LinuxMem.Reporting.Text;

namespace LinuxMem.Cli.Commands;

/// <summary>Options that take lists, with commas between.</summary>
internal static class ListValues
{
    private const ulong SeedsMax = 10_000;
    private const int FramesMax = 1 << 26;

    /// <summary>An option that takes some of the policies, each once.</summary>
    /// <param name="names">The policies.</param>
    /// <param name="reasons">Those that are no choice here, with the reason.</param>
    /// <param name="usual">Those if it is not given.</param>
    public static Option<IReadOnlyList<string>> Policies(
        IReadOnlyList<string> names, IReadOnlyDictionary<string, string> reasons, IReadOnlyList<string> usual) =>
        new("--policies")
        {
            Description = $"Page replacement policies, of {string.Join(", ", names)}; if not given, "
                + string.Join(",", usual) + ".",
            HelpName = "A,B,...",
            DefaultValueFactory = _ => usual,
            CustomParser = result => Words(result, (word, chosen) =>
                reasons.TryGetValue(word, out string? reason) ? reason
                : !names.Contains(word, StringComparer.Ordinal) ? "is not one of " + string.Join(", ", names)
                : chosen.Contains(word) ? "is there twice"
                : null),
        };

    /// <summary>An option that takes sizes of memory in frames.</summary>
    public static Option<IReadOnlyList<int>> Frames() => new("--frames")
    {
        Description = "Sizes of memory in frames; if not given, the powers of 2 until every page fits.",
        HelpName = "N,N,...",
        DefaultValueFactory = _ => [],
        CustomParser = result =>
        {
            var sizes = new List<int>();
            Words(result, (word, _) =>
            {
                bool fits = int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int size)
                    && size is >= 1 and <= FramesMax;
                sizes.Add(size);
                return fits ? null : $"is not a whole number from 1 to {FramesMax}";
            });
            return sizes;
        },
    };

    /// <summary>An option that takes seeds: single ones and ranges, such as 1..10.</summary>
    public static Option<IReadOnlyList<ulong>> Seeds() => new("--seeds")
    {
        Description = "Seeds to run, such as 1..10 or 1,5,7; if not given, 1..5.",
        HelpName = "A..B",
        DefaultValueFactory = _ => [1, 2, 3, 4, 5],
        CustomParser = result =>
        {
            var seeds = new List<ulong>();
            Words(result, (word, _) => AddSeeds(word, seeds));
            return seeds;
        },
    };

    private static string? AddSeeds(string word, List<ulong> seeds)
    {
        string[] ends = word.Split("..");
        if (ends.Length > 2 || !Number(ends[0], out ulong first) || !Number(ends[^1], out ulong last))
            return "is neither a seed nor a range such as 1..10";
        if (last < first)
            return "is an empty range";
        if (last - first >= SeedsMax - (ulong)seeds.Count)
            return $"makes more than {SeedsMax} seeds";
        for (ulong i = 0; i <= last - first; i++)
        {
            if (seeds.Contains(first + i))
                return $"has seed {first + i} twice";
            seeds.Add(first + i);
        }

        return null;
    }

    private static bool Number(string text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    // The words; the first that is wrong becomes the option's error.
    private static List<string> Words(ArgumentResult result, Func<string, List<string>, string?> wrong)
    {
        var words = new List<string>();
        string name = ((OptionResult)result.Parent!).Option.Name;
        foreach (string word in result.Tokens[0].Value.Split(','))
        {
            if (wrong(word, words) is { } reason)
            {
                result.AddError($"{name}: '{SafeText.Clean(word, 80)}' {reason}");
                break;
            }

            words.Add(word);
        }

        return words;
    }
}
