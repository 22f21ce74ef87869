using System.Text;
using LinuxMem.Mm.Stats;

namespace LinuxMem.Mm.Tests.Proc;

public class StallTimeSpec
{
    [Fact]
    public void Only_time_for_which_the_condition_held_counts()
    {
        var stall = new StallTime();
        stall.Advance(1_000_000, held: false);
        stall.Advance(4_000_000, held: true);
        stall.Advance(4_000_000, held: true);
        stall.Advance(9_000_000, held: false);
        Assert.Equal(3_000_000, stall.TotalNs);
        Assert.Equal("some avg10=0.00 avg60=0.00 avg300=0.00 total=3000\n", Line(stall, "some"));
    }

    [Fact]
    public void Averages_rise_while_it_holds_and_fall_again()
    {
        // What Linux's calc_avgs gives after one period of two seconds that was stalled whole: 100 * (1 - exp(-2/10)).
        var stall = new StallTime();
        stall.Advance(2_000_000_000, held: true);
        Assert.Equal("full avg10=18.11 avg60=3.27 avg300=0.68 total=2000000\n", Line(stall, "full"));
        stall.Advance(60_000_000_000, held: true);
        Assert.StartsWith("full avg10=99.7", Line(stall, "full"), StringComparison.Ordinal);
        stall.Advance(120_000_000_000, held: false);
        Assert.StartsWith("full avg10=0.2", Line(stall, "full"), StringComparison.Ordinal);
    }

    private static string Line(StallTime stall, string name)
    {
        var text = new StringBuilder();
        stall.AppendLine(text, name);
        return text.ToString();
    }
}
