using System.CommandLine;
using System.Globalization;
using LinuxMem.Reporting.Text;

namespace LinuxMem.Cli.Commands;

/// <summary>The option that takes a range of seeds, as many as wanted.</summary>
internal static class SeedRange
{
    private const ulong Most = 100_000_000;

    /// <summary>The option.</summary>
    public static Option<(ulong First, ulong Last)> Option() => new("--seeds")
    {
        Description = $"Seeds to run, such as 1..1000; at most {Most}.",
        HelpName = "A..B",
        Required = true,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            string[] ends = text.Split("..");
            string? problem =
                ends.Length > 2 || !TryRead(ends[0], out ulong first) || !TryRead(ends[^1], out ulong last)
                    ? "is neither a seed nor a range such as 1..1000"
                : last < first ? "is an empty range"
                : last - first >= Most ? $"makes more than {Most} seeds"
                : null;
            if (problem is not null)
            {
                result.AddError($"--seeds: '{SafeText.Clean(text, 80)}' {problem}");
                return default;
            }

            return (Read(ends[0]), Read(ends[^1]));
        },
    };

    private static bool TryRead(string text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static ulong Read(string text) => ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
