using LinuxMem.Reporting.Text;

namespace LinuxMem.Reporting.Sections;

/// <summary>How the answers compare with those of a real kernel.</summary>
internal static class CheckSection
{
    private const int MismatchesMax = 20;
    private const int LettersMax = 300;

    /// <summary>Writes the section; all mismatches if <paramref name="all"/>, else the first.</summary>
    public static void Write(TextWriter output, CheckTotals check, bool all)
    {
        output.WriteLine($"Check ({check.Level})");
        output.WriteLine($"{Units.Exact(check.Checked)} answers compared = {Units.Exact(check.Matched)} equal "
            + $"+ {Units.Exact(check.Mismatched)} different; {Units.Exact(check.Ambiguous)} ambiguous");
        WriteCounts(output, "skipped", check.Skipped);
        WriteCounts(output, "made, not compared", check.NotJudged);
        WriteCounts(output, "not modelled", check.Unsupported);
        int shown = all ? check.Mismatches.Count : Math.Min(check.Mismatches.Count, MismatchesMax);
        for (int i = 0; i < shown; i++)
            WriteMismatch(output, check.Mismatches[i]);
        if (shown < check.Mismatches.Count)
            output.WriteLine($"... and {Units.Exact(check.Mismatches.Count - shown)} more (--all shows them)");
    }

    private static void WriteCounts(TextWriter output, string what, IReadOnlyList<KeyValuePair<string, long>> counts)
    {
        foreach ((string reason, long count) in counts)
            output.WriteLine($"  {Units.Exact(count),9} {what}: {SafeText.Clean(reason)}");
    }

    private static void WriteMismatch(TextWriter output, CheckMismatch mismatch)
    {
        output.WriteLine($"line {mismatch.Line}: {SafeText.Clean(mismatch.Call, LettersMax)}");
        output.WriteLine($"  Linux:     {SafeText.Clean(mismatch.Expected, LettersMax)}");
        output.WriteLine($"  simulator: {SafeText.Clean(mismatch.Actual, LettersMax)}");
        WriteMappings(output, "before", mismatch.Before);
        WriteMappings(output, "after", mismatch.After);
    }

    private static void WriteMappings(TextWriter output, string when, IReadOnlyList<string> lines)
    {
        foreach (string line in lines)
            output.WriteLine($"  {when,-6} {SafeText.Clean(line, LettersMax)}");
    }
}
