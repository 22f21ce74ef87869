using LinuxMem.Mm.Reclaim;

namespace LinuxMem.Mm.Tests.Memcg;

/// <summary>When memory.low holds no longer.</summary>
/// <remarks>Linux: mm/vmscan.c: do_try_to_free_pages, v6.18.</remarks>
public sealed class LowMemorySpec
{
    [Fact]
    public void Who_found_nothing_and_spared_somebody_looks_at_everything_once_more()
    {
        var attempt = new ScanControl { HasSparedLow = true };
        ToTheEnd(attempt);
        Assert.True(attempt.BreaksLow);
        Assert.False(attempt.IsOver);
        Assert.Equal(ScanControl.DefaultPriority, attempt.Priority);
        ToTheEnd(attempt);
        Assert.True(attempt.IsOver);
        attempt.Continue();
        Assert.False(attempt.BreaksLow);
    }

    [Theory]
    [InlineData(true, 0, true)]
    [InlineData(false, 1, true)]
    [InlineData(false, 0, false)]
    public void Kswapd_and_who_found_something_or_spared_nobody_do_not(bool isKswapd, long found, bool spared)
    {
        var attempt = new ScanControl { IsKswapd = isKswapd, Reclaimed = found, HasSparedLow = spared };
        ToTheEnd(attempt);
        Assert.True(attempt.IsOver);
        Assert.False(attempt.BreaksLow);
    }

    private static void ToTheEnd(ScanControl attempt)
    {
        for (int priority = ScanControl.DefaultPriority; priority >= 0; priority--)
            attempt.Lower();
    }
}
