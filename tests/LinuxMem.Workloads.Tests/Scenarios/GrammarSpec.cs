using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Tests.Scenarios;

public sealed class GrammarSpec
{
    [Theory]
    [InlineData("0B", 0UL), InlineData("1KiB", 1024UL), InlineData("1.5KiB", 1536UL), InlineData("0.5GiB", 1UL << 29)]
    [InlineData("16TiB", 16UL << 40), InlineData("2.0B", 2UL)]
    public void A_size_is_a_number_with_a_unit(string text, ulong bytes) =>
        Assert.Equal((UInt128)bytes, Grammar.Measure(text, Grammar.SizeUnits, out _));

    [Theory]
    [InlineData("1ns", 1UL), InlineData("1.5ms", 1_500_000UL), InlineData("0.001us", 1UL)]
    [InlineData("2s", 2_000_000_000UL)]
    public void A_time_is_a_number_with_a_unit(string text, ulong ns) =>
        Assert.Equal((UInt128)ns, Grammar.Measure(text, Grammar.TimeUnits, out _));

    [Theory]
    [InlineData(""), InlineData("KiB"), InlineData("1"), InlineData("01KiB"), InlineData("1.KiB"), InlineData(".5KiB")]
    [InlineData("1..5KiB")]
    [InlineData("1.5.5KiB"), InlineData("+1KiB"), InlineData("-1KiB"), InlineData("1e3B"), InlineData("1_000B")]
    [InlineData("0x10B")]
    [InlineData("1 KiB"), InlineData("1kib"), InlineData("1KB"), InlineData("1.5B"), InlineData("\u0661KiB")]
    [InlineData(" 1KiB")]
    public void Anything_else_is_none(string text) => Assert.Null(Grammar.Measure(text, Grammar.SizeUnits, out _));

    [Theory]
    [InlineData("cpus", "cpus", 0), InlineData("cpuz", "cpus", 1), InlineData("cups", "cpus", 1)]
    [InlineData("Cpus", "cpus", 0)]
    [InlineData("", "abc", 3), InlineData("kitten", "sitting", 3)]
    public void Distance_counts_edits(string a, string b, int edits) => Assert.Equal(edits, Suggestion.Distance(a, b));
}
