using System.Text.RegularExpressions;

namespace LinuxMem.Architecture.Tests.Rules;

/// <summary>How sources look. Each rule returns what breaks it, with its place.</summary>
internal static partial class TidyRules
{
    public const int LineMax = 120;
    public const int FileMax = 400;
    public const int MemberMax = 70;

    public static IEnumerable<string> LongLines(SourceFile file) =>
        Where(file, line => line.Length > LineMax, $"a line of more than {LineMax} characters");

    public static IEnumerable<string> LongFile(SourceFile file)
    {
        int lines = file.Text.AsSpan().TrimEnd('\n').Count('\n') + 1;
        return lines > FileMax ? [$"{file.Path}: {lines} lines, more than {FileMax}"] : [];
    }

    public static IEnumerable<string> TrailingSpaces(SourceFile file) =>
        Where(file, line => line.EndsWith(' ') || line.EndsWith('\t'), "spaces at the end of a line");

    public static IEnumerable<string> Regions(SourceFile file) =>
        Where(file, line => line.AsSpan().TrimStart().StartsWith("#region"), "a region");

    /// <summary>Something left for later is a promise only if an issue holds it.</summary>
    public static IEnumerable<string> Leftovers(SourceFile file) =>
        Where(file, line => Leftover().IsMatch(line) && !IssueNumber().IsMatch(line), "left for later, with no issue");

    private static IEnumerable<string> Where(SourceFile file, Func<string, bool> isBroken, string what)
    {
        for (int i = 0; i < file.Lines.Length; i++)
        {
            if (isBroken(file.Lines[i]))
                yield return $"{file.At(i)}: {what}";
        }
    }

    [GeneratedRegex(@"\b(TO" + "DO|FIX" + "ME|T" + @"BD)\b")]
    private static partial Regex Leftover();

    [GeneratedRegex(@"#\d+")]
    private static partial Regex IssueNumber();
}
