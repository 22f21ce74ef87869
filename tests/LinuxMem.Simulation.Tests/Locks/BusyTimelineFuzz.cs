using CsCheck;
using LinuxMem.Simulation.Locks;

namespace LinuxMem.Simulation.Tests.Locks;

public class BusyTimelineFuzz
{
    [Fact]
    public void Requests_get_the_first_gap_that_a_bitmap_of_nanoseconds_has() =>
        Gen.Select(Gen.Int[0, 400], Gen.Int[1, 40], Gen.Int[0, 6]).Array[1, 200].Sample(requests =>
        {
            var timeline = new BusyTimeline();
            var taken = new bool[20_000];
            long floorNs = 0;
            foreach ((int wantedNs, int holdNs, int stepNs) in requests)
            {
                floorNs += stepNs;
                long gotNs = timeline.Take(floorNs + wantedNs, holdNs, new LockHolder(1, 0), floorNs, out _);
                long expectedNs = FirstGap(taken, floorNs + wantedNs, holdNs);
                Assert.Equal(expectedNs, gotNs);
                Array.Fill(taken, true, (int)gotNs, holdNs);
                Assert.True(timeline.IsTakenAt(gotNs));
            }
        });

    [Fact]
    public void What_is_over_is_forgotten()
    {
        var timeline = new BusyTimeline();
        for (int i = 0; i < 1_000; i++)
            timeline.Take(i * 20, 10, default, i * 20, out _);
        Assert.Equal(1, timeline.Count);
    }

    [Fact]
    public void Holds_that_touch_are_one()
    {
        var timeline = new BusyTimeline();
        Assert.Equal(0, timeline.Take(0, 10, new LockHolder(1, 0), 0, out _));
        Assert.Equal(20, timeline.Take(20, 10, new LockHolder(2, 0), 0, out _));
        Assert.Equal(2, timeline.Count);
        Assert.Equal(10, timeline.Take(5, 10, new LockHolder(3, 0), 0, out LockHolder blocker));
        Assert.Equal(1, blocker.Tid);
        Assert.Equal(1, timeline.Count);
        Assert.Equal(30, timeline.Take(12, 1, new LockHolder(4, 0), 0, out blocker));
        Assert.Equal(2, blocker.Tid);
    }

    private static long FirstGap(bool[] taken, long atNs, int holdNs)
    {
        while (Array.IndexOf(taken, true, (int)atNs, holdNs) is >= 0 and var busy)
            atNs = busy + 1;
        return atNs;
    }
}
