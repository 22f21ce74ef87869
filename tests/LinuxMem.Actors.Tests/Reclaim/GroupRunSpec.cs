using LinuxMem.Actors.Tests.Support;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Memcg;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Reclaim;

/// <summary>Whole runs of processes in memory cgroups.</summary>
public class GroupRunSpec
{
    private const string Two = """
        {
          "name": "groups", "machine": { "cpus": 2, "memory": "8MiB", "overcommitMemory": 1,
            "disks": [ { "preset": "nvme", "size": "256MiB" } ], "swap": [ { "size": "16MiB" } ] },
          "groups": [ GROUPS ],
          "processes": [
            { "name": "one", "group": "a", "steps": [
              { "mmap": { "length": "3MiB", "as": "m" } }, { "touch": { "region": "m" } },
              { "access": { "region": "m", "pattern": "uniform", "count": 300, "writePercent": 50 } } ] },
            { "name": "two", "group": "b", "startAt": "1ms", "steps": [
              { "mmap": { "length": "3MiB", "as": "m" } }, { "touch": { "region": "m" } },
              { "access": { "region": "m", "pattern": "uniform", "count": 300, "writePercent": 50 } } ] },
          ],
        }
        """;

    [Fact]
    public void A_group_at_its_limit_swaps_its_own_memory_and_no_other()
    {
        RunResult result = Run("""{ "name": "a", "max": "1MiB" }, { "name": "b" }""");
        GroupResult full = result.Groups[0], free = result.Groups[1];
        Assert.Equal((1024, 0), (full.PeakKiB, free.SwapPeakKiB));
        Assert.True(full.SwapPeakKiB >= 2048, $"{full.SwapPeakKiB} KiB in swap");
        Assert.True(EventOf(full, "max") > 10 && EventOf(free, "max") == 0);
        Assert.True(full.MajFlt > 50 && free.MajFlt == 0);
        Assert.True(full.MemorySomeNs > 0 && free.MemorySomeNs == 0);
        Assert.All(result.Processes, process => Assert.Equal("exited 0", process.Fate));
    }

    [Fact]
    public void A_parent_limits_its_children_together()
    {
        RunResult result = Run("""{ "name": "top", "max": "2MiB" }, { "name": "top/a" }, { "name": "top/b" }""",
            text => text.Replace("\"a\", \"steps\"", "\"top/a\", \"steps\"", StringComparison.Ordinal)
                .Replace("\"b\", \"startAt\"", "\"top/b\", \"startAt\"", StringComparison.Ordinal));
        Assert.Equal(2048, result.Groups[0].PeakKiB);
        Assert.All(result.Groups, group => Assert.True(group.SwapPeakKiB > 0));
        Assert.Equal((2, 1, 1), (result.Groups[0].Processes, result.Groups[1].Processes, result.Groups[2].Processes));
    }

    [Fact]
    public void Above_high_tasks_wait_and_memory_leaves()
    {
        RunResult result = Run("""{ "name": "a", "high": "1MiB" }, { "name": "b" }""");
        GroupResult slow = result.Groups[0];
        Assert.True(slow.PeakKiB is > 1024 and < 1800, $"{slow.PeakKiB} KiB");
        Assert.True(EventOf(slow, "high") > 3 && EventOf(slow, "max") == 0);
        Assert.True(slow.MemorySomeNs > result.Groups[1].MemorySomeNs);
    }

    [Fact]
    public void A_group_that_can_swap_gets_below_its_high_mark_and_nobody_sleeps_for_seconds()
    {
        RunResult result = Run("""{ "name": "a", "high": "1MiB" }, { "name": "b" }""");
        Assert.InRange(result.VirtualNs, 1, 500_000_000);
        Assert.True(EventOf(result.Groups[0], "high") > 3);
    }

    [Fact]
    public void A_group_that_cannot_swap_is_slowed_down_by_seconds_when_reclaim_has_failed_time_and_again()
    {
        RunResult result = Run("""{ "name": "a", "high": "1MiB", "swapMax": "0B" }, { "name": "b" }""");
        // 512 pages above high, looked at once in 64 of them: the first time for 64 ms, from the second on for 2 s.
        Assert.InRange(result.VirtualNs, 8_000_000_000, 20_000_000_000);
        Assert.All(result.Processes, process => Assert.Equal("exited 0", process.Fate));
    }

    [Fact]
    public void What_reclaim_does_for_a_group_counts_for_the_group_and_not_for_the_machine()
    {
        RunResult result = Run("""{ "name": "a", "max": "1MiB" }, { "name": "b" }""", text => text
            .Replace("\"8MiB\"", "\"64MiB\"", StringComparison.Ordinal));
        long Counter(string name) => result.VmStat.Single(one => one.Key == name).Value;
        Assert.Equal((0, 0), (Counter("pgscan_direct"), Counter("pgsteal_direct")));
        Assert.True(Counter("pgscan_anon") >= Counter("pgsteal_anon") && Counter("pgsteal_anon") > 500);
        Assert.Equal(0, Counter("pgsteal_file"));
    }

    [Fact]
    public void What_is_protected_stays_while_the_others_swap()
    {
        // 3 MiB each do not fit into 4 MiB.
        static string Smaller(string text) => text.Replace("\"8MiB\"", "\"4MiB\"", StringComparison.Ordinal)
            .Replace("\"startAt\": \"1ms\",", "", StringComparison.Ordinal);
        RunResult min = Run("""{ "name": "a", "min": "3584KiB" }, { "name": "b" }""", Smaller);
        Assert.Equal(0, min.Groups[0].SwapPeakKiB);
        Assert.True(min.Groups[1].SwapPeakKiB > 1024);
        RunResult low = Run("""{ "name": "a" }, { "name": "b", "low": "3584KiB" }""", Smaller);
        Assert.Equal(0, low.Groups[1].SwapPeakKiB);
        Assert.Equal(0, EventOf(low.Groups[1], "low"));
        Assert.True(low.Groups[0].SwapPeakKiB > 1024);
    }

    [Fact]
    public void Without_swap_a_group_at_its_limit_loses_its_largest_process()
    {
        RunResult result = Run("""{ "name": "a", "max": "1MiB", "swapMax": "0B" }, { "name": "b" }""");
        Assert.Equal("killed SIGKILL", result.Processes[0].Fate);
        Assert.Equal("exited 0", result.Processes[1].Fate);
        Assert.Equal((1, 1), (EventOf(result.Groups[0], "oom"), EventOf(result.Groups[0], "oom_kill")));
        string[] lines = [.. result.KernelLog.SelectMany(line => line.Text.Split('\n'))];
        Assert.Contains("one invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0", lines);
        Assert.Contains(lines, line => line.StartsWith("memory: usage 1024kB, limit 1024kB, failcnt ",
            StringComparison.Ordinal));
        Assert.Contains("Memory cgroup stats for /a:", lines);
        Assert.Contains(lines, line => line.EndsWith("oom_memcg=/a,task_memcg=/a,task=one,pid=2,uid=0",
            StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("Memory cgroup out of memory: Killed process 2 (one) total-vm:",
            StringComparison.Ordinal));
    }

    [Fact]
    public void Every_frame_that_a_group_is_charged_for_is_a_frame_of_the_group()
    {
        Scenario scenario = Parse("""{ "name": "a", "max": "1MiB" }, { "name": "b", "high": "1MiB" }""", t => t);
        using var machine = new DirectMachine(scenario);
        for (int i = 0; !machine.Done; i++)
        {
            machine.Step();
            if (i % 64 != 0)
                continue;
            MemCgroups groups = machine.Insides.Kernel.Memory.Groups!;
            var frames = new long[groups.All.Count];
            for (uint pfn = 1; pfn < machine.Insides.Kernel.Memory.Map.FrameCount; pfn++)
                frames[groups.PayerOf(new Pfn(pfn))]++;
            Assert.Equal(frames[1..], groups.All.Skip(1).Select(group => group.Usage));
        }
    }

    [Fact]
    public void One_digest_however_the_run_is_carried_out()
    {
        Scenario scenario = Parse("""{ "name": "a", "max": "1MiB" }, { "name": "b", "high": "1MiB", "low": "1MiB" }""",
            t => t);
        string expected = Outcome.OfLoop(scenario);
        foreach (long windowNs in (long[])[500, 7_000, 3_600_000_000_000])
        {
            Scenario other = scenario with { Engine = scenario.Engine with { WindowNs = windowNs, Threads = 2 } };
            Assert.Equal(expected, Outcome.OfActors(other));
        }
    }

    private static long EventOf(GroupResult group, string name) => group.Events.First(e => e.Key == name).Value;

    private static Scenario Parse(string groups, Func<string, string> change) =>
        Scenarios.Parse(change(Two).Replace("GROUPS", groups, StringComparison.Ordinal));

    private static RunResult Run(string groups, Func<string, string>? change = null)
    {
        Scenario scenario = Parse(groups, change ?? (text => text));
        RunResult result = DirectMachine.Execute(
            scenario with { Engine = scenario.Engine with { Audit = AuditLevel.End } });
        Assert.Equal([], result.Audit.Violations);
        return result;
    }
}
