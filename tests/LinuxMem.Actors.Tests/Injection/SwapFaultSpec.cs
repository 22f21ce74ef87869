using LinuxMem.Actors.Tests.Reclaim;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Injection;

/// <summary>F09 to F11: swap that cannot be read, cannot be written, or is full.</summary>
public sealed class SwapFaultSpec
{
    [Fact]
    public void What_cannot_be_written_to_swap_stays_in_memory_and_nothing_is_lost()
    {
        RunResult result = Run("fail_make_request=1,10,0,-1,op=w");
        Assert.InRange(result.Faults!.Failures, 100, long.MaxValue);
        Assert.All(result.Processes, p => Assert.Equal("exited 0", p.Fate));
        Assert.Contains(result.KernelLog, line => line.Text.StartsWith("Write-error on swap-device", default));
    }

    [Fact]
    public void Who_needs_a_page_that_cannot_be_read_from_swap_gets_SIGBUS_and_all_else_goes_on()
    {
        // Without readahead, so that the page is one that somebody needs.
        Scenario scenario = Make(["fail_make_request=1,100,0,1,op=r"]);
        MachineSettings machine = scenario.Machine;
        RunResult result = FaultRun.Of(scenario with
        {
            Machine = machine with { Vm = machine.Vm with { PageCluster = 0 } },
        });
        Assert.Equal(1, result.Faults!.Failures);
        Assert.Contains(result.Processes, p => p.Fate == "killed SIGBUS");
        Assert.All(result.Processes, p => Assert.Contains(p.Fate, (string[])["exited 0", "killed SIGBUS"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData(""" "group": "g", """)]
    public void Swap_that_takes_no_page_at_all_ends_with_the_OOM_killer(string group)
    {
        Scenario scenario = SwapRunSpec.WithSwap($$"""
            {
              "name": "taken", "machine": { "cpus": 2, "memory": "2MiB", "overcommitMemory": 1 },
              "groups": [ { "name": "g", "max": "1MiB" } ],
              "processes": [ { "name": "w", "count": 2, {{group}} "steps": [
                { "mmap": { "length": "1500KiB", "as": "m" } }, { "touch": { "region": "m" } } ] } ],
            }
            """, 1 << 12) with
        {
            Faults = new FaultSettings { Rules = [FaultText.Parse("fail_make_request=1,100,0,-1,op=w,verbose=0")] },
        };
        RunResult result = FaultRun.Of(scenario);
        Assert.Contains(result.Processes, p => p.Fate == "killed SIGKILL");
        Assert.InRange(SwapRunSpec.Counter(result, "oom_kill"), 1, 2);
        Assert.InRange(result.VirtualNs, 0, 1_000_000_000);
        // Ten in five seconds: a flood of them would have pushed the report out of the log.
        Assert.Equal(10, result.KernelLog.Count(
            line => line.Text.StartsWith("Write-error on swap-device (259:0:", default)));
    }

    [Fact]
    public void Swap_that_is_full_now_and_then_kills_nobody()
    {
        RunResult result = Run("swap_full=1,20,0,-1", "failslab=1,20,0,-1,ignore-gfp-wait=N,cache-filter=swap_table");
        Assert.InRange(result.Faults!.Failures, 100, long.MaxValue);
        Assert.All(result.Processes, p => Assert.Equal("exited 0", p.Fate));
    }

    [Fact]
    public void Late_swap_changes_nothing_but_time()
    {
        RunResult result = Run("dm-delay=1,30,0,-1,delay=300us,jitter=200us");
        Assert.All(result.Processes, p => Assert.Equal("exited 0", p.Fate));
    }

    [Fact]
    public void Everything_at_once_ends_clean_and_the_same_whatever_the_threads_and_windows()
    {
        string[] rules =
        [
            "fail_make_request=1,2,0,-1", "dm-delay=1,10,0,-1,delay=200us,jitter=100us", "swap_full=1,5,0,-1",
            "fail_page_alloc=1,2,0,-1,min-order=0,ignore-gfp-wait=N,ignore-gfp-highmem=N",
            "failslab=1,2,0,-1,ignore-gfp-wait=N", "fail_io_timeout=1,1,0,-1,io-timeout=2ms",
        ];
        RunResult expected = Run(rules);
        foreach (EngineSettings engine in new EngineSettings[]
        {
            new() { Threads = 2, WindowNs = 700 }, new() { WindowNs = 3_600_000_000_000 }, new() { ScheduleSeed = 9 },
        })
        {
            RunResult other = FaultRun.Of(Make(rules) with { Engine = engine });
            Assert.Equal(expected.Digest, other.Digest);
        }
    }

    private static RunResult Run(params string[] rules) => FaultRun.Of(Make(rules));

    private static Scenario Make(string[] rules) => SwapRunSpec.WithSwap(SwapRunSpec.FourTimesRam, 1 << 14) with
    {
        Faults = new FaultSettings { Rules = [.. rules.Select(FaultText.Parse)] },
    };
}
