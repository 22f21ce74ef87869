using System.Text.RegularExpressions;

namespace LinuxMem.Mm.Tests;

/// <summary>One row of a table of docs/coverage.md.</summary>
/// <param name="Section">The heading above it.</param>
/// <param name="Names">What it is about.</param>
/// <param name="State">exact, approximate or absent.</param>
/// <param name="How">How it differs from Linux.</param>
/// <param name="Proof">Test classes and tests.</param>
internal sealed record CoverageRow(
    string Section, IReadOnlyList<string> Names, string State, string How, IReadOnlyList<string> Proof);

/// <summary>The tables of docs/coverage.md.</summary>
internal sealed partial record CoverageDocument(IReadOnlyList<CoverageRow> Rows)
{
    public static CoverageDocument Parse(string text)
    {
        var rows = new List<CoverageRow>();
        string section = "";
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
                section = line[3..].Trim();
            if (!line.StartsWith("| `", StringComparison.Ordinal))
                continue;
            string[] cells = [.. line.Trim().Trim('|').Split('|').Select(cell => cell.Trim())];
            if (cells.Length != 4)
                throw new InvalidDataException($"not four cells: {line}");
            rows.Add(new CoverageRow(section, Quoted(cells[0]), cells[1], cells[2], Quoted(cells[3])));
        }

        return new CoverageDocument(rows);
    }

    /// <summary>The rows below a heading; there is at least one.</summary>
    public IReadOnlyList<CoverageRow> Section(string name)
    {
        CoverageRow[] rows = [.. Rows.Where(row => row.Section == name)];
        Assert.True(rows.Length > 0, $"docs/coverage.md has no table '{name}'");
        return rows;
    }

    private static string[] Quoted(string cell) => [.. Code().Matches(cell).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
