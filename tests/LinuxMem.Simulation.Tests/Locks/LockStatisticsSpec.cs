using CsCheck;
using LinuxMem.Simulation.Locks;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Simulation.Tests.Locks;

public class LockStatisticsSpec
{
    [Fact]
    public void Percentiles_are_within_a_sixteenth_of_those_of_the_sorted_list() =>
        Gen.Long[0, 1L << 40].Array[1, 300].Sample(times =>
        {
            var histogram = new WaitHistogram();
            foreach (long ns in times)
                histogram.Add(ns);
            Array.Sort(times);
            Assert.Equal((times.Length, times.Sum(), times[^1]),
                ((int)histogram.Count, histogram.TotalNs, histogram.MaxNs));
            foreach (int permille in new[] { 1, 500, 900, 990, 1000 })
            {
                long exact = times[(((times.Length * permille) + 999) / 1000) - 1];
                Assert.InRange(histogram.Permille(permille), exact, exact + (exact / 16) + 1);
            }
        });

    [Fact]
    public void The_ten_longest_waits_are_kept_longest_first()
    {
        var statistics = new LockStatistics();
        for (int i = 1; i <= 30; i++)
            statistics.Waited(Wait(i % 17 * 10, i));
        LockReport report = statistics.Report(call => $"call {call}");
        Assert.Equal([160, 150, 140, 130, 130, 120, 120, 110, 110, 100], report.Worst.Select(w => w.WaitNs));
        Assert.Equal(13, report.Worst[3].AtNs);
        Assert.Equal("call 7", report.Worst[0].Call);
    }

    [Fact]
    public void Waits_add_up_by_class_call_and_instance()
    {
        var statistics = new LockStatistics();
        statistics.Acquired(LockClass.Zone);
        statistics.Acquired(LockClass.Zone);
        statistics.Waited(Wait(30, 1));
        statistics.Waited(Wait(50, 2));
        LockReport report = statistics.Report(_ => "x");
        Assert.Equal(new LockClassResult("zone_lock", 2, new LockTimes(2, 80, 50, 30, 50, 50), default),
            Assert.Single(report.Classes));
        Assert.Equal(80, Assert.Single(report.Calls).Waits.TotalNs);
        Assert.Equal(80, Assert.Single(report.Instances).Waits.TotalNs);
    }

    [Fact]
    public void What_is_off_counts_nothing()
    {
        var statistics = new LockStatistics { IsOn = false };
        statistics.Waited(Wait(30, 1));
        statistics.Held(LockClass.Zone, 4);
        Assert.Empty(statistics.Report(_ => "x").Calls);
        Assert.True(statistics.AnyContended);
    }

    private static LockWait Wait(long ns, long atNs) =>
        new(LockClass.Zone, 2, true, atNs, ns, new LockHolder(5, 7), new LockHolder(6, 7));
}
