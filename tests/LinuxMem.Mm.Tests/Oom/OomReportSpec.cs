using System.Text.RegularExpressions;
using LinuxMem.Abi;
using LinuxMem.Mm.Oom;
using LinuxMem.Mm.Proc;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Oom;

/// <summary>What is printed when memory is out has the form of what Linux 6.18 prints.</summary>
public sealed partial class OomReportSpec
{
    private const ulong At = KernelRig.Arena;

    // Recorded on Linux 6.18.44, of a process in a memory cgroup: dmesg without the times.
    private const string RealHeading = "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem "
        + "pgtables_bytes swapents oom_score_adj name";

    private const string RealLine =
        "[  31742]     0 31742    15980     5303     5088      215         0    86016        0             0 hog";

    private const string RealKilled = "Killed process 31742 (hog) total-vm:63920kB, anon-rss:20352kB, "
        + "file-rss:860kB, shmem-rss:0kB, UID:0 pgtables:84kB oom_score_adj:0";

    [Fact]
    public void The_report_tells_who_asked_what_memory_is_used_for_and_who_dies()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll, swapAreas:
            [new SwapAreaSettings { Pages = 101 }]);
        TaskStruct task = rig.Start(image: new ImageSpec());
        Exhaust(rig, task);
        string[] lines = [.. rig.Kernel.Log.Lines.Select(line => line.Text)];
        Assert.Equal("idle invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), "
            + "order=0, oom_score_adj=0", lines[0]);
        Assert.Equal($"CPU: 0 UID: 0 PID: {task.Tid} Comm: idle Not tainted 6.18.0 #1 PREEMPT(none) ", lines[1]);
        Assert.Equal("Mem-Info:", lines[2]);
        Assert.Matches("^active_anon:[0-9]+ inactive_anon:[0-9]+ isolated_anon:0$", lines[3]);
        Assert.StartsWith("Node 0 active_anon:", lines[11], StringComparison.Ordinal);
        Assert.Contains("Free swap  = 0kB", lines);
        Assert.Contains("Total swap = 400kB", lines);
        Assert.Contains($"{rig.Memory.Allocator.ManagedPages} pages RAM", lines);
        int heading = Array.IndexOf(lines, RealHeading);
        Assert.True(heading > 0);
        string row = lines[heading + 1];
        Assert.Equal(Form(RealLine), Form(row));
        Assert.Equal(RealLine.Length - RealLine.Split(' ')[^1].Length, row.Length - row.Split(' ')[^1].Length);
        Assert.Equal("100", row.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^3]);
        Assert.Equal("oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,"
            + $"task_memcg=/,task=idle,pid={task.Tid},uid=0", lines[heading + 2]);
        Assert.Equal(Form("Out of memory: " + RealKilled), Form(lines[heading + 3]));
        Assert.Equal(heading + 4, lines.Length);
    }

    [Fact]
    public void Free_blocks_of_the_report_add_up()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll);
        Exhaust(rig, rig.Start(image: new ImageSpec()));
        string line = rig.Kernel.Log.Lines.Select(l => l.Text).First(l => l.Contains("*4kB", StringComparison.Ordinal));
        long sum = 0;
        foreach (Match block in Blocks().Matches(line))
            sum += long.Parse(block.Groups[1].Value) * long.Parse(block.Groups[2].Value);
        Assert.Equal($"= {sum}kB", line[line.IndexOf('=', StringComparison.Ordinal)..]);
        Assert.True(sum > 0);
    }

    [Fact]
    public void What_is_in_swap_counts_for_badness()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll, swapAreas:
            [new SwapAreaSettings { Pages = 501 }]);
        TaskStruct task = rig.Start();
        rig.Map(task, At, 2000);
        for (ulong i = 0; i < 1200; i++)
            Assert.True(rig.AccessWaiting(task, At + (i * rig.Page), AccessKind.Write));
        Assert.True(task.Mm.SwapEntries > 0);
        Assert.Equal(1200 + task.Mm.PageTablePages - 1, OomKiller.Badness(task.Group, 5000));
        task.Group.OomScoreAdj = -200;
        Assert.Equal(1200 + task.Mm.PageTablePages - 1 - 1000, OomKiller.Badness(task.Group, 5999));
    }

    [Fact]
    public void The_memory_of_a_victim_that_does_not_run_is_reaped_after_two_seconds()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll);
        TaskStruct small = rig.Start();
        TaskStruct large = rig.Start();
        large.Group.OomScoreAdj = 1000;
        rig.Map(large, At, 50);
        for (ulong i = 0; i < 50; i++)
            rig.Store(large, At + (i * rig.Page), i);
        Exhaust(rig, small, untilKilled: large);
        rig.Steps(2);
        Assert.Equal(50, large.Mm.RssAnon);
        Assert.True(rig.Kernel.WantsStep);
        rig.Pass(2_000_000_000);
        rig.Steps(1);
        Assert.Equal(0, large.Mm.RssAnon);
        Assert.Equal($"oom_reaper: reaped process {large.Tid} (idle), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB",
            rig.Kernel.Log.Lines[^1].Text);
        rig.Steps(1);
        Assert.Equal(TaskState.Runnable, small.State);
        Assert.False(small.GroupExiting);
    }

    [Fact]
    public void Who_shares_the_memory_of_a_victim_dies_with_it()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll);
        TaskStruct task = rig.Start();
        TaskStruct other = rig.Fork(task, CloneFlags.Vm);
        other.Group.OomScoreAdj = OomKiller.ScoreAdjMin;
        Exhaust(rig, task);
        Assert.Equal((true, Signal.SigKill), (other.GroupExiting, other.Group.ExitSignal));
    }

    [Fact]
    public void With_nobody_to_kill_the_kernel_panics()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll);
        TaskStruct task = rig.Start();
        task.Group.OomScoreAdj = OomKiller.ScoreAdjMin;
        ExhaustUntilPanic(rig, task);
        Assert.Equal("System is deadlocked on memory", rig.Kernel.Panic.Happened?.Message);
        Assert.Equal(
            [
                "Out of memory and no killable processes...",
                "Kernel panic - not syncing: System is deadlocked on memory",
                $"CPU: 0 UID: 0 PID: {task.Tid} Comm: idle Not tainted 6.18.0 #1 PREEMPT(none) ",
                "---[ end Kernel panic - not syncing: System is deadlocked on memory ]---",
            ],
            rig.Kernel.Log.Lines.Select(line => line.Text).TakeLast(4));
        Assert.False(task.GroupExiting);
    }

    [Theory]
    [InlineData(1, "system-wide")]
    [InlineData(2, "compulsory")]
    public void With_panic_on_oom_nobody_is_killed(int panicOnOom, string kind)
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll with { PanicOnOom = panicOnOom });
        TaskStruct task = rig.Start();
        ExhaustUntilPanic(rig, task);
        Assert.Equal($"Out of memory: {kind} panic_on_oom is enabled", rig.Kernel.Panic.Happened?.Message);
        Assert.False(task.GroupExiting);
        Assert.Contains(rig.Kernel.Log.Lines, line => line.Text == "Mem-Info:");
        Assert.DoesNotContain(rig.Kernel.Log.Lines,
            line => line.Text.Contains("no killable", StringComparison.Ordinal));
    }

    [Fact]
    public void The_list_of_processes_can_be_left_out()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll with { OomDumpTasks = false });
        Exhaust(rig, rig.Start());
        string[] lines = [.. rig.Kernel.Log.Lines.Select(line => line.Text)];
        Assert.DoesNotContain(RealHeading, lines);
        int end = Array.IndexOf(lines, "0 pages hwpoisoned");
        Assert.StartsWith("oom-kill:constraint=CONSTRAINT_NONE,", lines[end + 1], StringComparison.Ordinal);
    }

    [Fact]
    public void Who_asks_can_be_the_one_who_dies()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll with { OomKillAllocatingTask = true });
        TaskStruct small = rig.Start();
        TaskStruct large = rig.Start();
        large.Group.OomScoreAdj = 1000;
        Exhaust(rig, small);
        Assert.False(large.GroupExiting);
        Assert.StartsWith($"Out of memory (oom_kill_allocating_task): Killed process {small.Tid} (idle) total-vm:",
            rig.Kernel.Log.Lines[^1].Text, StringComparison.Ordinal);
        Assert.Equal("1\n", ProcExport.Read(rig.Kernel.Proc, 0)
            .Single(file => file.Key == "proc/sys/vm/oom_kill_allocating_task").Value);
    }

    private static void ExhaustUntilPanic(KernelRig rig, TaskStruct task)
    {
        rig.Map(task, At + 0x1000_0000, 4000);
        for (ulong i = 0; i < 4000 && rig.Kernel.Panic.Happened is null; i++)
        {
            if (rig.Access(task, At + 0x1000_0000 + (i * rig.Page), AccessKind.Write))
                continue;
            for (int steps = 0; steps < 100 && task.State != TaskState.Runnable; steps++)
                rig.Steps(rig.Kernel.Panic.Happened is null ? 1 : 0);
        }
    }

    private static void Exhaust(KernelRig rig, TaskStruct task, TaskStruct? untilKilled = null)
    {
        rig.Map(task, At + 0x1000_0000, 4000);
        TaskStruct victim = untilKilled ?? task;
        for (ulong i = 0; i < 4000 && !victim.GroupExiting; i++)
        {
            while (!victim.GroupExiting && !rig.Access(task, At + 0x1000_0000 + (i * rig.Page), AccessKind.Write))
            {
                while (task.State != TaskState.Runnable && !victim.GroupExiting)
                    rig.Steps(1);
            }
        }

        Assert.True(victim.GroupExiting);
    }

    private static string Form(string line) => Number().Replace(line, "#")
        .Replace("hog", "NAME", StringComparison.Ordinal).Replace("idle", "NAME", StringComparison.Ordinal);

    [GeneratedRegex(" *[0-9]+")]
    private static partial Regex Number();

    [GeneratedRegex(@"([0-9]+)\*([0-9]+)kB")]
    private static partial Regex Blocks();
}
