using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;
using LinuxMem.Workloads.Scenarios;

namespace LinuxMem.Actors.Tests.Tracing;

/// <summary>The events of a run: the same for every way to carry it out, and true to what the run counted.</summary>
public class EventStreamSpec
{
    private const long WholeRunNs = 3_600_000_000_000;

    public static TheoryData<string> Names => [.. Scenarios.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Threads_and_windows_change_no_event(string name)
    {
        (string digest, EventLog expected) = Run(name, new EngineSettings());
        Assert.Equal(digest, Outcome.OfActors(Scenarios.Of(name)));
        foreach ((int threads, long windowNs) in new[] { (1, 500L), (2, 1_300), (4, WholeRunNs) })
        {
            (string other, EventLog log) = Run(name, new EngineSettings { Threads = threads, WindowNs = windowNs });
            Assert.Equal(digest, other);
            Assert.Equal(expected.Digest, log.Digest);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Events_are_in_the_order_of_time_and_pair_up(string name)
    {
        EventLog log = Run(name, new EngineSettings()).Log;
        Assert.NotEmpty(log.Events);
        Assert.Equal(log.Events.Select(e => e.AtNs).Order(), log.Events.Select(e => e.AtNs));
        EventPairs.Check(log.Events);
    }

    [Theory]
    [InlineData("cow-storm")]
    [InlineData("overcommit")]
    public void Swap_and_the_oom_killer_are_told_alike_for_every_window(string name)
    {
        Scenario scenario = BuiltIn.Read(name, []);
        EventLog first = EventLog.Of(scenario, new EngineSettings { Audit = AuditLevel.Off });
        EventLog second = EventLog.Of(scenario,
            new EngineSettings { Audit = AuditLevel.Off, Threads = 2, WindowNs = 2_000 });
        Assert.Equal(first.Digest, second.Digest);
        EventPairs.Check(first.Events);
        Assert.Equal(first.Result!.VmStat.Single(c => c.Key == "oom_kill").Value,
            first.Events.Count(e => e.Point == Tracepoint.MarkVictim));
    }

    [Fact]
    public void What_is_told_adds_up_to_what_is_counted()
    {
        EventLog log = EventLog.Of(Scenarios.Of("families"), new EngineSettings());
        Assert.Equal(log.Result!.Processes.Sum(p => p.Threads), log.Count(Tracepoint.TaskNewTask));
        Assert.Equal(log.Result.Processes.Count(p => p.EndNs >= 0),
            log.Events.Count(e => e.Point == Tracepoint.SchedProcessExit && e.Numbers[1] == 1));
        long wakings = log.Count(Tracepoint.SchedWakeup);
        Assert.True(wakings >= log.Result.Processes.Count);
        foreach (KeyValuePair<string, long> kind in log.Result.FaultKinds)
        {
            int told = log.Events.Count(e => e.Point == Tracepoint.PageFaultDone && e.Text == kind.Key);
            Assert.True(told <= kind.Value, $"{kind.Key}: {told} told, {kind.Value} counted");
        }
    }

    [Fact]
    public void Compaction_is_told_from_its_beginning_to_its_end_and_its_pages_add_up()
    {
        Scenario scenario = BuiltIn.Read("fragmentation", []);
        EventLog log = EventLog.Of(scenario, new EngineSettings { Audit = AuditLevel.Off });
        EventPairs.Check(log.Events);
        Assert.True(log.Count(Tracepoint.CompactionEnd) > 0);
        Assert.Equal(log.Result!.VmStat.Single(c => c.Key == "pgmigrate_success").Value,
            log.Events.Where(e => e.Point == Tracepoint.CompactionMigratePages).Sum(e => e.Numbers[0]));
    }

    [Fact]
    public void Requests_of_devices_carry_the_ios_that_they_were_merged_of()
    {
        EventLog log = EventLog.Of(Scenarios.Of("disks"), new EngineSettings());
        Assert.True(log.Count(Tracepoint.BlockRqIssue) > 0);
        Assert.True(log.Count(Tracepoint.BlockRqIssue) <= log.Count(Tracepoint.BlockBioQueue));
        long Sectors(Tracepoint point) => log.Events.Where(e => e.Point == point).Sum(e => e.Numbers[3]);
        Assert.Equal(Sectors(Tracepoint.BlockBioComplete), Sectors(Tracepoint.BlockRqComplete));
    }

    [Fact]
    public void Every_injected_fault_is_told()
    {
        Scenario scenario = BuiltIn.Read("every-fault", []) with
        {
            Faults = new FaultSettings
            {
                Rules =
                [
                    FaultText.Parse("fail_page_alloc=1,20,0,30,min-order=0,ignore-gfp-wait=N,ignore-gfp-highmem=N"),
                ],
            },
        };
        EventLog log = EventLog.Of(scenario, new EngineSettings { Audit = AuditLevel.Off });
        FaultReport faults = log.Result!.Faults!;
        Assert.True(faults.Failures > 0);
        Assert.Equal(faults.Failures, log.Count(Tracepoint.InjectedFault));
        Assert.All(log.Events.Where(e => e.Point == Tracepoint.InjectedFault),
            e => Assert.Equal("fail_page_alloc", e.Text));
    }

    [Fact]
    public void A_task_runs_on_no_cpu_before_its_last_call_is_over()
    {
        Dictionary<int, long> overNs = [];
        foreach (TraceEvent told in EventLog.Of(Scenarios.Of("naps"), new EngineSettings()).Events)
        {
            if (told.Point == Tracepoint.SysExit)
                overNs[told.Tid] = told.AtNs;
            else if (told.Point is Tracepoint.SysEnter or Tracepoint.PageFaultUser)
                Assert.True(told.AtNs >= overNs.GetValueOrDefault(told.Tid));
        }
    }

    private static (string Digest, EventLog Log) Run(string name, EngineSettings engine)
    {
        var log = EventLog.Of(Scenarios.Of(name), engine);
        return (log.Outcome, log);
    }
}
