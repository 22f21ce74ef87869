using LinuxMem.Abi;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Injection;

/// <summary>F06 to F08, F12 to F14, F17: I/Os that fail, are late, or are not done though the disk says so.</summary>
/// <remarks>
/// The first read of a disk is that of the block with the file's inode: a space of 4,097 bytes lets it pass.
/// </remarks>
public sealed class DiskFaultSpec
{
    private const ulong Page = FaultRun.Page;
    private static readonly ExternalFile File = new(ExternalKind.Regular, 64 << 10);

    [Fact]
    public void A_file_whose_inode_cannot_be_read_is_not_opened_but_the_next_time()
    {
        var got = new List<long>();
        static IEnumerable<Action<AccessBatch>> Script(FileProgram p, List<long> got)
        {
            for (int i = 0; i < 2; i++)
            {
                yield return FileProgram.Open("/data", File);
                got.Add(p.Last.Value);
            }
        }

        FaultRun.Of(["fail_make_request=1,100,0,1,op=r"], p => Script(p, got));
        Assert.Equal(-(long)Errno.EIO, got[0]);
        Assert.True(got[1] >= 0);
    }

    [Fact]
    public void A_read_that_fails_is_tried_once_more_and_nobody_notices()
    {
        var got = new List<long>();
        RunResult result = FaultRun.Of(["fail_make_request=1,100,4097,1,op=r"], p => Read(p, got, 2));
        Assert.Equal([4096, 4096], got);
        Assert.Equal(1, result.Faults!.Failures);
    }

    [Fact]
    public void A_read_that_fails_twice_is_EIO_and_a_later_one_works()
    {
        var got = new List<long>();
        FaultRun.Of(["fail_make_request=1,100,4097,2,op=r"], p => Read(p, got, 2));
        Assert.Equal([-(long)Errno.EIO, 4096], got);
    }

    [Fact]
    public void A_load_from_a_page_that_cannot_be_read_is_SIGBUS()
    {
        static IEnumerable<Action<AccessBatch>> Script(FileProgram p)
        {
            yield return FileProgram.Open("/data", File);
            yield return p.Map(64 << 10, MapFlags.Shared);
            yield return FileProgram.Touch(FileProgram.Mapped, 0, 1);
        }

        RunResult result = FaultRun.Of(["fail_make_request=1,100,4097,2,op=r"], Script);
        Assert.Equal("killed SIGBUS", Assert.Single(result.Processes).Fate);
        result = FaultRun.Of(["fail_make_request=1,100,4097,1,op=r"], Script);
        Assert.Equal("exited 0", Assert.Single(result.Processes).Fate);
    }

    [Fact]
    public void A_part_of_a_page_that_cannot_be_read_is_not_written_but_the_next_time()
    {
        var got = new List<long>();
        IEnumerable<Action<AccessBatch>> Script(FileProgram p)
        {
            yield return FileProgram.Open("/data", File);
            for (int i = 0; i < 2; i++)
            {
                yield return p.Write(10, 20);
                got.Add(p.Last.Value);
            }
        }

        FaultRun.Of(["fail_make_request=1,100,4097,1,op=r"], Script);
        Assert.Equal([-(long)Errno.EIO, 10], got);
    }

    [Theory]
    [InlineData(100UL, 200UL, 0x3UL)] // within a page
    [InlineData(100UL, 3 * Page, 0x3UL)] // below pages that go
    [InlineData(0UL, (3 * Page) + 100, 0x3UL)] // above them
    [InlineData(100UL, 3 * Page, 0x11UL)]
    public void A_hole_whose_edge_cannot_be_read_is_EIO_and_nothing_is_zeroed(ulong from, ulong to, ulong mode)
    {
        var got = new List<long>();
        IEnumerable<Action<AccessBatch>> Script(FileProgram p)
        {
            yield return FileProgram.Open("/data", File);
            yield return p.Write(Page, Page);
            yield return FileProgram.Call(SyscallNr.Fallocate, (ulong)p.Fd, mode, from, to - from);
            got.Add(p.Last.Value);
            yield return p.Map(64 << 10, MapFlags.Shared);
            yield return FileProgram.Touch(FileProgram.Mapped, Page, 4, AccessKind.Write);
            yield return p.Fsync();
            got.Add(p.Last.Value);
            yield return FileProgram.Call(SyscallNr.Fallocate, (ulong)p.Fd, mode, from, to - from);
            got.Add(p.Last.Value);
            yield return FileProgram.Touch(FileProgram.Mapped, Page, 4);
        }

        RunResult result = FaultRun.Of(["fail_make_request=1,100,4097,1,op=r"], Script);
        Assert.Equal("exited 0", Assert.Single(result.Processes).Fate);
        Assert.Equal([-(long)Errno.EIO, 0, 0], got);
    }

    [Theory]
    [InlineData("mark_clean")]
    [InlineData("keep_dirty")]
    public void A_write_that_fails_is_told_once_to_each_open_file(string then)
    {
        var got = new List<long>();
        IEnumerable<Action<AccessBatch>> Script(FileProgram p)
        {
            yield return FileProgram.Open("/new");
            ulong first = (ulong)p.Fd;
            yield return FileProgram.Open("/new");
            ulong second = (ulong)p.Last.Value;
            yield return FileProgram.Call(SyscallNr.Pwrite64, first, FileProgram.Buffer, Page, 0);
            foreach (ulong fd in new[] { first, second, first, second })
            {
                yield return FileProgram.Call(SyscallNr.Fsync, fd);
                got.Add(p.Last.Value);
            }

            // Both know of it: who opens the file now has nothing to hear.
            yield return FileProgram.Open("/new");
            yield return FileProgram.Call(SyscallNr.Fsync, (ulong)p.Last.Value);
            got.Add(p.Last.Value);
        }

        FaultRun.Of([$"fail_make_request=1,100,0,1,op=w,on-write-error={then}"], Script);
        long error = -(long)Errno.EIO;
        Assert.Equal([error, error, 0, 0, 0], got);
    }

    [Fact]
    public void Late_and_lost_ends_of_IOs_cost_time_alone()
    {
        var plain = new List<long>();
        var late = new List<long>();
        var lost = new List<long>();
        long plainNs = FaultRun.Of([], p => Read(p, plain, 4)).VirtualNs;
        long lateNs = FaultRun.Of(["dm-delay=1,100,0,-1,delay=5ms,jitter=1ms"], p => Read(p, late, 4)).VirtualNs;
        long lostNs = FaultRun.Of(["fail_io_timeout=1,100,0,1,io-timeout=2s"], p => Read(p, lost, 4)).VirtualNs;
        Assert.Equal(plain, late);
        Assert.Equal(plain, lost);
        Assert.InRange(lateNs - plainNs, 5_000_000, 60_000_000);
        Assert.InRange(lostNs - plainNs, 1_900_000_000, 2_100_000_000);
    }

    [Fact]
    public void An_IO_that_times_out_for_good_is_an_error()
    {
        var got = new List<long>();
        FaultRun.Of(["fail_io_timeout=1,100,4097,2,io-timeout=1ms,then=error"], p => Read(p, got, 2));
        Assert.Equal([-(long)Errno.EIO, 4096], got);
    }

    [Fact]
    public void A_disk_that_drops_writes_gives_the_old_contents_back_and_the_audit_knows()
    {
        var got = new List<long>();
        IEnumerable<Action<AccessBatch>> Script(FileProgram p)
        {
            yield return FileProgram.Open("/new");
            yield return p.Write(Page, 0);
            yield return p.Fsync();
            got.Add(p.Last.Value);
            yield return p.Forget();
            yield return p.Read(Page, 0);
            got.Add(p.Last.Value);
        }

        FaultRun.Of(["dm-flakey=1,100,0,-1,mode=drop_writes"], Script);
        Assert.Equal([0, 4096], got);
    }

    [Fact]
    public void A_disk_that_is_down_now_and_then_fails_then_only()
    {
        var got = new List<long>();
        IEnumerable<Action<AccessBatch>> Script(FileProgram p)
        {
            yield return FileProgram.Open("/data", File);
            yield return p.Read(Page, 0);
            got.Add(p.Last.Value);
            yield return FileProgram.Sleep(15_000_000);
            yield return p.Forget();
            yield return p.Read(Page, 0);
            got.Add(p.Last.Value);
        }

        FaultRun.Of(["dm-flakey=1,100,0,-1,up=10ms,down=10ms"], Script);
        Assert.Equal([4096, -(long)Errno.EIO], got);
    }

    [Theory]
    [InlineData("mode=corrupt_bio_byte,nth-byte=10,value=255")]
    [InlineData("mode=corrupt_bio_byte,nth-byte=10,value=255,direction=r")]
    [InlineData("mode=random_write_corrupt")]
    [InlineData("mode=random_read_corrupt")]
    public void A_byte_that_the_disk_spoils_is_handed_out_and_no_other(string mode)
    {
        // The audit compares every byte that is loaded, and knows which ones were spoilt.
        RunResult result = FaultRun.Of([$"dm-flakey=1,100,0,-1,{mode}"], WriteForgetRead);
        Assert.NotEqual(0, result.Faults!.Failures);
        Assert.Equal("exited 0", Assert.Single(result.Processes).Fate);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(0)]
    public void A_write_that_goes_elsewhere_leaves_old_contents_here_and_new_ones_there(int sectors)
    {
        RunResult result = FaultRun.Of([$"misdirect=2,100,0,-1,sectors={sectors}"], WriteForgetRead);
        Assert.NotEqual(0, result.Faults!.Failures);
        Assert.Equal("exited 0", Assert.Single(result.Processes).Fate);
    }

    [Fact]
    public void Disks_that_lie_spoil_nothing_else_whatever_the_threads_and_windows()
    {
        string[] rules =
        [
            "dm-flakey=1,30,0,-1,mode=random_write_corrupt", "misdirect=1,20,0,-1", "fail_make_request=1,5,0,-1,op=w",
        ];
        Scenario scenario = DiskScenario.Make() with
        {
            Engine = new EngineSettings { Audit = AuditLevel.Round },
            Faults = new FaultSettings { Rules = [.. rules.Select(FaultText.Parse)] },
        };
        RunResult expected = FaultRun.Of(scenario);
        Assert.NotEqual(0, expected.Faults!.Failures);
        foreach (EngineSettings engine in new EngineSettings[]
        {
            new() { Threads = 2, WindowNs = 700 }, new() { WindowNs = 3_600_000_000_000 }, new() { ScheduleSeed = 9 },
        })
            Assert.Equal(expected.Digest, FaultRun.Of(scenario with { Engine = engine }).Digest);
    }

    // F18.
    [Fact]
    public void Cutting_a_file_under_a_mapping_whose_pages_are_being_read_gives_SIGBUS_and_no_page_behind_the_end()
    {
        static IEnumerable<Action<AccessBatch>> Cut(FileProgram p)
        {
            yield return FileProgram.Open("/data", File);
            for (ulong i = 0; i < 12; i++)
            {
                yield return FileProgram.Call(SyscallNr.Ftruncate, (ulong)p.Fd, (i % 3 * 5 * Page) + (i * 100));
                yield return FileProgram.Sleep(150_000);
                yield return FileProgram.Call(SyscallNr.Ftruncate, (ulong)p.Fd, 64 << 10);
                yield return FileProgram.Sleep(90_000);
            }
        }

        static IEnumerable<Action<AccessBatch>> Use(FileProgram p, MapFlags type, long startNs)
        {
            yield return FileProgram.Open("/data", File);
            yield return p.Map(64 << 10, type);
            yield return FileProgram.Sleep(startNs);
            for (uint i = 0; i < 40; i++)
            {
                AccessKind kind = i % 3 == 0 ? AccessKind.Write : AccessKind.Read;
                yield return FileProgram.Touch(FileProgram.Mapped + (i % 2 * 100), Page, 16, kind);
                yield return FileProgram.Sleep(40_000);
            }
        }

        string[] fates = [];
        for (int seed = 0; seed < 6; seed++)
        {
            long start = 100_000 * seed;
            RunResult result = FaultRun.Of(["dm-delay=1,50,0,-1,delay=200us,jitter=300us"], Cut,
                p => Use(p, MapFlags.Shared, start), p => Use(p, MapFlags.Private, start),
                p => Use(p, MapFlags.Shared, start + 30_000));
            fates = [.. fates, .. result.Processes.Select(p => p.Fate)];
        }

        Assert.Contains(fates, fate => fate.StartsWith("killed SIGBUS", default));
        Assert.All(fates, fate => Assert.True(fate == "exited 0" || fate.StartsWith("killed SIGBUS", default), fate));
    }

    [Fact]
    public void Without_blocks_write_is_ENOSPC_and_a_store_to_a_mapping_is_SIGBUS()
    {
        var got = new List<long>();
        IEnumerable<Action<AccessBatch>> Write(FileProgram p)
        {
            yield return FileProgram.Open("/new");
            yield return p.Write(2 * Page, 0);
            got.Add(p.Last.Value);
            yield return p.Write(2 * Page, 0);
            got.Add(p.Last.Value);
            yield return p.Write(2 * Page, 0);
            got.Add(p.Last.Value);
        }

        FaultRun.Of(["enospc=2,100,0,2"], Write);
        Assert.Equal([4096, 4096, 8192], got);

        static IEnumerable<Action<AccessBatch>> Store(FileProgram p)
        {
            yield return FileProgram.Open("/data", File);
            yield return p.Map(64 << 10, MapFlags.Shared);
            yield return FileProgram.Touch(FileProgram.Mapped, 0, 1, AccessKind.Write);
        }

        RunResult result = FaultRun.Of(["enospc=1,100,0,1"], Store);
        Assert.Equal("killed SIGBUS", Assert.Single(result.Processes).Fate);
    }

    private static IEnumerable<Action<AccessBatch>> WriteForgetRead(FileProgram p)
    {
        yield return FileProgram.Open("/new");
        for (ulong i = 0; i < 3; i++)
        {
            yield return p.Write(8 * Page, i * Page);
            yield return p.Fsync();
            yield return p.Forget();
            yield return p.Read(8 * Page, i * Page);
            yield return FileProgram.Touch(FileProgram.Buffer, 8, 4096);
            yield return p.Map(8 * Page, MapFlags.Shared);
            yield return FileProgram.Touch(FileProgram.Mapped, 8, 4096);
            yield return FileProgram.Touch(FileProgram.Mapped, 64, 512, AccessKind.Write);
        }
    }

    private static IEnumerable<Action<AccessBatch>> Read(FileProgram p, List<long> got, int times)
    {
        yield return FileProgram.Open("/data", File);
        for (int i = 0; i < times; i++)
        {
            yield return p.Read(Page, 0);
            got.Add(p.Last.Value);
            yield return p.Forget();
        }
    }
}
