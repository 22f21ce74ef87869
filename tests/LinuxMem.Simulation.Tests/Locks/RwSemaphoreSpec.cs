using LinuxMem.Simulation.Locks;

namespace LinuxMem.Simulation.Tests.Locks;

public class RwSemaphoreSpec
{
    private const long Never = long.MaxValue;
    private static readonly LockSettings Costs = new() { HandoffNs = 100, ReaderSpinNs = 10_000 };
    private static readonly LockHolder One = new(1, 9);
    private static readonly LockHolder Two = new(2, 9);
    private readonly RwSemaphore mutex = new();
    private readonly List<RwWaiter> woken = [];

    [Fact]
    public void Readers_share_it()
    {
        mutex.HeldRead(100, One);
        Assert.True(mutex.TryRead(10, out LockHolder blocker));
        Assert.Equal(default, blocker);
        Assert.Equal(Never, mutex.NextWakeNs);
    }

    [Fact]
    public void A_writer_spins_for_a_writer_as_long_as_it_takes()
    {
        mutex.HeldWrite(0, 50_000_000, One);
        Assert.True(mutex.TryWrite(10, 0, Never, Costs, out long whenNs, out LockHolder blocker));
        Assert.Equal(50_000_100, whenNs);
        Assert.Equal(One, blocker);
    }

    [Fact]
    public void A_writer_behind_another_that_spins_learns_of_its_turn_when_that_one_has_the_lock()
    {
        mutex.HeldWrite(0, 1_000, One);
        mutex.HeldWrite(1_100, 1_110, Two); // it spun, and holds the lock for a moment
        Assert.True(mutex.TryWrite(500, 0, Never, Costs, out long behindNs, out _));
        Assert.Equal(1_100 + 100 + 100, behindNs);
        Assert.True(mutex.TryWrite(1_105, 0, Never, Costs, out long laterNs, out _));
        Assert.Equal(1_110 + 100, laterNs);
        mutex.HeldWrite(1_300, 5_000, One);
        Assert.True(mutex.TryWrite(1_200, 0, Never, Costs, out long longNs, out _));
        Assert.Equal(5_000 + 100, longNs);
    }

    [Fact]
    public void Every_line_of_a_hand_over_takes_longer_from_another_socket()
    {
        LockSettings costs = Costs with { LineNs = 25, SocketCpus = 4, CrossSocketNs = 30 };
        mutex.Line.Pass(0, costs);
        mutex.HeldWrite(0, 1_000, One);
        Assert.True(mutex.TryWrite(10, 3, Never, costs, out long nearNs, out _));
        Assert.True(mutex.TryWrite(10, 4, Never, costs, out long farNs, out _));
        Assert.Equal((1_100, 1_100 + (4 * 30)), (nearNs, farNs));
    }

    [Fact]
    public void A_writer_whose_cpu_is_wanted_spins_no_longer()
    {
        mutex.HeldWrite(0, 50_000, One);
        Assert.False(mutex.TryWrite(10, 0, 7_000, Costs, out long whenNs, out _));
        Assert.Equal(7_000, whenNs);
        Assert.False(mutex.TryWrite(9_000, 0, 7_000, Costs, out whenNs, out _));
        Assert.Equal(9_000, whenNs);
    }

    [Fact]
    public void A_writer_spins_for_readers_for_a_while_and_the_next_one_not_at_all()
    {
        mutex.HeldRead(5_000, One);
        Assert.True(mutex.TryWrite(10, 0, Never, Costs, out long whenNs, out _));
        Assert.Equal(5_200, whenNs); // the lines of a hand-over twice: readers have no owner to watch
        mutex.HeldRead(100_000, Two);
        Assert.False(mutex.TryWrite(20_000, 0, Never, Costs, out whenNs, out LockHolder blocker));
        Assert.Equal(30_000, whenNs);
        Assert.Equal(Two, blocker);
        Assert.False(mutex.TryWrite(40_000, 0, Never, Costs, out whenNs, out _));
        Assert.Equal(40_000, whenNs);
        mutex.HeldWrite(0, 120_000, One);
        mutex.HeldRead(130_000, Two);
        Assert.True(mutex.TryWrite(125_000, 0, Never, Costs, out _, out _));
    }

    [Fact]
    public void A_reader_sleeps_for_a_writer_and_has_the_lock_from_its_waking_on()
    {
        mutex.HeldWrite(0, 1_000, One);
        RwWaiter reader = Sleep(writes: false, 10);
        Assert.Equal(1_000, mutex.NextWakeNs);
        Wake(1_000, reader);
        Assert.False(mutex.TryWrite(2_000, 0, Never, Costs, out _, out _));
        Assert.True(mutex.TryAgain(reader, 3_000));
        mutex.HeldRead(3_500, Two);
        Assert.True(mutex.TryWrite(4_000, 0, Never, Costs, out _, out _));
    }

    [Fact]
    public void All_readers_go_in_at_once_past_the_writers_between_them()
    {
        mutex.HeldWrite(0, 1_000, One);
        RwWaiter first = Sleep(writes: false, 10), writer = Sleep(writes: true, 20), second = Sleep(writes: false, 30);
        Wake(1_000, first, second);
        Assert.Equal(Never, mutex.NextWakeNs);
        Assert.True(mutex.TryAgain(second, 1_500));
        mutex.HeldRead(1_600, One);
        Assert.True(mutex.TryAgain(first, 1_700));
        mutex.HeldRead(1_800, Two);
        Assert.Equal(1_800, mutex.NextWakeNs);
        Wake(1_800, writer);
        Assert.True(mutex.TryAgain(writer, 2_000));
        Assert.Equal(0, mutex.Sleepers);
    }

    [Fact]
    public void A_reader_that_comes_after_a_sleeping_writer_sleeps_behind_it()
    {
        mutex.HeldRead(50_000, One);
        RwWaiter writer = Sleep(writes: true, 10);
        Assert.False(mutex.TryRead(20, out LockHolder blocker));
        Assert.Equal(One, blocker);
        RwWaiter reader = Sleep(writes: false, 20);
        Wake(50_000, writer);
        Assert.True(mutex.TryAgain(writer, 51_000));
        mutex.HeldWrite(0, 52_000, Two);
        Assert.Equal(52_000, mutex.NextWakeNs);
        Wake(52_000, reader);
    }

    [Fact]
    public void Who_comes_takes_the_lock_before_a_writer_that_was_woken_until_that_has_waited_too_long()
    {
        mutex.HeldRead(50_000, One);
        RwWaiter writer = Sleep(writes: true, 0);
        Wake(50_000, writer);
        Assert.True(mutex.TryWrite(50_500, 0, Never, Costs, out _, out _));
        mutex.HeldWrite(0, 70_000, Two);
        Assert.False(mutex.TryAgain(writer, 51_000));
        Assert.Equal(70_000, mutex.NextWakeNs);
        Wake(70_000, writer);
        Assert.True(mutex.TryRead(70_100, out _));
        mutex.HeldRead(RwSemaphore.HandoffAfterNs + 10, Two);
        Assert.False(mutex.TryAgain(writer, RwSemaphore.HandoffAfterNs));
        Assert.False(mutex.TryRead(RwSemaphore.HandoffAfterNs + 20, out LockHolder blocker));
        Assert.Equal(writer.Self, blocker);
        Assert.False(mutex.TryWrite(RwSemaphore.HandoffAfterNs + 20, 0, Never, Costs, out _, out _));
        Assert.True(mutex.TryAgain(writer, RwSemaphore.HandoffAfterNs + 30));
    }

    [Fact]
    public void Who_gives_up_leaves_no_trace()
    {
        mutex.HeldWrite(0, 1_000, One);
        RwWaiter first = Sleep(writes: false, 10), second = Sleep(writes: false, 20), third = Sleep(writes: true, 30);
        mutex.GiveUp(first);
        Wake(1_000, second);
        mutex.GiveUp(second);
        Assert.Equal(0, mutex.Granted);
        Wake(1_001, third);
        mutex.GiveUp(third);
        Assert.Equal(0, mutex.Sleepers);
        Assert.Equal(Never, mutex.NextWakeNs);
    }

    [Fact]
    public void A_reader_that_must_not_sleep_waits_for_the_writer_only()
    {
        mutex.HeldWrite(0, 20, One);
        mutex.HeldRead(500, One);
        Assert.Equal(20, mutex.GrantRead(10, out LockHolder blocker));
        Assert.Equal(One, blocker);
    }

    [Fact]
    public void The_line_of_its_count_costs_who_did_not_have_it_last()
    {
        var settings = new LockSettings
        {
            LineNs = 60,
            ContendedLineNs = 190,
            CacheCpus = 1,
            CrossCacheNs = 5,
            SocketCpus = 2,
            CrossSocketNs = 100,
        };
        var line = new CacheLine();
        Assert.Equal(0, line.Change(0, 2, 0, 0, settings, One));
        Assert.Equal(10, line.Change(0, 2, 10, 0, settings, One));
        Assert.Equal(150, line.Change(1, 2, 20, 0, settings, Two));
        Assert.Equal(150 + 390, line.Change(0, 2, 30, 0, settings, One));
        Assert.Equal(2_130, line.Change(1, 2, 2_000, 600, settings, Two));
        Assert.Equal(5_320, line.Change(2, 2, 5_000, 5_000, settings, Two));
        Assert.Equal(5, line.Pass(3, settings));
        Assert.Equal(100, line.Pass(0, settings));
    }

    [Fact]
    public void What_it_protects_is_fetched_from_the_cpu_that_wrote_it_last_and_from_nobody_at_first()
    {
        var settings = new LockSettings
        {
            LineNs = 60,
            CacheCpus = 2,
            CrossCacheNs = 50,
            SocketCpus = 4,
            CrossSocketNs = 120,
        };
        Assert.Equal(0, mutex.Data.Fetch(0, settings));
        Assert.Equal(0, mutex.Data.Fetch(0, settings));
        Assert.Equal(60, mutex.Data.Fetch(1, settings));
        Assert.Equal(110, mutex.Data.Fetch(2, settings));
        Assert.Equal(180, mutex.Data.Fetch(5, settings));
    }

    private RwWaiter Sleep(bool writes, long atNs)
    {
        var waiter = new RwWaiter((int)atNs + 100);
        mutex.Sleep(waiter, writes, atNs, atNs, new LockHolder(waiter.Tid, 9), One);
        return waiter;
    }

    private void Wake(long atNs, params RwWaiter[] expected)
    {
        woken.Clear();
        mutex.Wake(atNs, woken);
        Assert.Equal(expected, woken);
    }
}
