using LinuxMem.Simulation.Locks;

namespace LinuxMem.Simulation.Tests.Locks;

public class FairRwLockSpec
{
    private static readonly LockHolder One = new(1, 9);
    private static readonly LockHolder Two = new(2, 9);

    [Fact]
    public void Readers_share_it()
    {
        var mutex = new FairRwLock();
        mutex.HeldRead(100, One);
        Assert.Equal(10, mutex.GrantRead(10, out LockHolder blocker));
        Assert.Equal(default, blocker);
    }

    [Fact]
    public void A_writer_waits_for_readers_and_writers()
    {
        var mutex = new FairRwLock();
        mutex.HeldWrite(50, One);
        Assert.Equal(50, mutex.GrantWrite(10, out LockHolder blocker));
        Assert.Equal(One, blocker);
        mutex.HeldRead(100, Two);
        Assert.Equal(100, mutex.GrantWrite(10, out blocker));
        Assert.Equal(Two, blocker);
    }

    [Fact]
    public void A_reader_waits_for_the_writer_that_waits_before_it()
    {
        var mutex = new FairRwLock();
        mutex.HeldRead(100, One);
        long grantNs = mutex.GrantWrite(10, out _);
        mutex.HeldWrite(grantNs + 5, Two);
        Assert.Equal(105, mutex.GrantRead(20, out LockHolder blocker));
        Assert.Equal(Two, blocker);
    }

    [Fact]
    public void Readers_need_not_wait_for_who_became_a_reader()
    {
        var mutex = new FairRwLock();
        mutex.HeldWrite(20, One);
        mutex.HeldRead(500, One);
        Assert.Equal(20, mutex.GrantRead(10, out _));
        Assert.Equal(500, mutex.GrantWrite(10, out _));
    }

    [Fact]
    public void The_line_of_its_count_costs_who_did_not_have_it_last()
    {
        var settings = new LockSettings { LineNs = 60, ContendedLineNs = 190 };
        var line = new CacheLine();
        Assert.Equal(0, line.Change(0, 2, 0, 0, settings, One));
        Assert.Equal(10, line.Change(0, 2, 10, 0, settings, One));
        Assert.Equal(140, line.Change(1, 2, 20, 0, settings, Two));
        Assert.Equal(140 + 380, line.Change(0, 2, 30, 0, settings, One));
        Assert.Equal(2_120, line.Change(1, 2, 2_000, 600, settings, Two));
    }
}
