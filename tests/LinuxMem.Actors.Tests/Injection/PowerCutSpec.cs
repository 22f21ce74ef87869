using LinuxMem.Abi;
using LinuxMem.Actors.Machine;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Arch.Memory;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Reboots;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Injection;

/// <summary>F15: the power is cut after every write, and what was synced is there.</summary>
public sealed class PowerCutSpec
{
    private const ulong Page = FaultRun.Page;

    [Fact]
    public void What_many_processes_wrote_and_synced_is_there_after_every_cut()
    {
        Scenario scenario = DiskScenario.Make();
        RunResult plain = FaultRun.Of(scenario);
        RunResult result = FaultRun.Of(scenario with { Faults = new FaultSettings { CutsPower = true } });
        Assert.Equal(plain.Digest, result.Digest);
        PowerCutResult cut = result.PowerCut!;
        Assert.Empty(cut.Violations);
        Assert.InRange(cut.Cuts, 20, long.MaxValue);
        Assert.InRange(cut.TornPages, 1, long.MaxValue);
        Assert.InRange(cut.Promises, 50, long.MaxValue);
        Assert.InRange(cut.Checks, cut.Promises, long.MaxValue);
    }

    [Fact]
    public void Stores_through_a_mapping_are_promised_by_msync()
    {
        static IEnumerable<Action<AccessBatch>> Script(FileProgram p)
        {
            yield return FileProgram.Open("/new");
            yield return p.Write(8 * Page, 0);
            yield return p.Map(8 * Page, MapFlags.Shared);
            for (int i = 0; i < 4; i++)
            {
                yield return FileProgram.Touch(FileProgram.Mapped, Page, 8, AccessKind.Write);
                yield return FileProgram.Call(SyscallNr.Msync, FileProgram.Mapped, 8 * Page, 4);
            }
        }

        PowerCutResult cut = Cut([], Script);
        Assert.Empty(cut.Violations);
        Assert.Equal(32, cut.Promises);
    }

    [Theory]
    [InlineData(SyscallNr.Fsync)]
    [InlineData(SyscallNr.Fdatasync)]
    [InlineData(SyscallNr.Syncfs)]
    [InlineData(SyscallNr.Sync)]
    public void Each_way_to_sync_is_a_promise(SyscallNr sync)
    {
        IEnumerable<Action<AccessBatch>> Script(FileProgram p)
        {
            yield return FileProgram.Open("/new");
            for (int i = 0; i < 5; i++)
            {
                yield return p.Write(4 * Page, 0);
                yield return FileProgram.Call(sync, (ulong)p.Fd);
                yield return FileProgram.Touch(FileProgram.Buffer, Page, 4, AccessKind.Write);
            }
        }

        PowerCutResult cut = Cut([], Script);
        Assert.Empty(cut.Violations);
        Assert.Equal(20, cut.Promises);
        PowerCutResult failed = Cut(["fail_make_request=1,100,0,1,op=w"], Script);
        Assert.Empty(failed.Violations);
        // The first write of sync is that of the file's metadata.
        Assert.Equal(sync is SyscallNr.Fsync or SyscallNr.Fdatasync ? 16 : 20, failed.Promises);
    }

    [Theory]
    [InlineData("")]
    [InlineData("dm-flakey=1,30,0,-1,mode=random_write_corrupt")]
    [InlineData("misdirect=3,100,0,-1")]
    [InlineData("fail_make_request=5,100,0,2,op=w")]
    public void A_machine_that_starts_from_the_disk_after_any_cut_finds_what_was_promised(string rule)
    {
        Scenario scenario = DiskScenario.Make();
        scenario = scenario with
        {
            Machine = scenario.Machine with { Contents = ContentMode.Bytes },
            Faults = new FaultSettings
            {
                CutsPower = true,
                KeepsMedium = true,
                Rules = rule.Length == 0 ? [] : [FaultText.Parse(rule)],
            },
        };
        using var host = new MachineHost(NullLoggerFactory.Instance);
        PowerCutMedium medium = host.Run(scenario).PowerCut!.Medium!;
        Assert.NotEmpty(medium.Cuts.SelectMany(cut => cut.UnderWay));
        RebootResult result = new RebootSweep(scenario, one => host.Run(one)).Run(medium, most: 3);
        Assert.Empty(result.Violations);
        Assert.InRange(result.Reboots, 2, 3);
        Assert.InRange(result.PromisesKept, 100, long.MaxValue);
        Assert.InRange(result.FilesRead, 2, long.MaxValue);
    }

    [Fact]
    public void A_promise_that_is_not_kept_is_found_sector_by_sector()
    {
        var medium = new PowerCutMedium();
        byte[] old = new byte[4096], promised = new byte[4096], later = new byte[4096];
        promised.AsSpan().Fill(1);
        later.AsSpan().Fill(2);
        medium.Write(80, 1, old);
        var promise = new PromiseThen("/a", 0, 80, promised, 5);
        medium.Cut(new CutThen(1, [], [], [promise]));
        medium.Write(80, 5, promised);
        medium.Cut(new CutThen(2, [], [(80, later)], [promise]));
        var torn = new RandomStream(3);
        Assert.NotNull(medium.Problem(0, promise, medium.PageAfter(0, 80, ref torn)));
        byte[] mixed = medium.PageAfter(1, 80, ref torn)!;
        Assert.Contains((byte)1, mixed);
        Assert.Contains((byte)2, mixed);
        Assert.Null(medium.Problem(1, promise, mixed));
        mixed[700] = 0;
        Assert.Contains("sector 1 of page 0", medium.Problem(1, promise, mixed), StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_that_failed_is_no_promise_and_one_that_the_disk_dropped_is_the_disks_fault()
    {
        static IEnumerable<Action<AccessBatch>> Script(FileProgram p)
        {
            yield return FileProgram.Open("/new");
            for (int i = 0; i < 3; i++)
            {
                yield return p.Write(4 * Page, 0);
                yield return p.Fsync();
            }
        }

        PowerCutResult failed = Cut(["fail_make_request=1,100,0,1,op=w"], Script);
        Assert.Empty(failed.Violations);
        Assert.Equal((8, 0), (failed.Promises, failed.LostByDisk));
        PowerCutResult dropped = Cut(["dm-flakey=1,100,0,1,mode=drop_writes"], Script);
        Assert.Empty(dropped.Violations);
        Assert.Equal(12, dropped.Promises);
    }

    private static PowerCutResult Cut(
        string[] rules, Func<FileProgram, IEnumerable<Action<AccessBatch>>> script) => FaultRun.Of(new Scenario
        {
            Name = "cut",
            Machine = FaultRun.Machine,
            Faults = new FaultSettings { CutsPower = true, Rules = [.. rules.Select(FaultText.Parse)] },
            Processes = [new ProcessSpec(() => new FileProgram(script))],
        }).PowerCut!;
}
