using System.Globalization;
using LinuxMem.Actors.Machine;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Machine;

/// <summary>/proc taken down in the middle of a run: it shows that moment and changes nothing.</summary>
public class ProcTreeSpec
{
    private const long Early = 200_000;
    private const long Late = 900_000;
    private static readonly long[] Moments = [Early, Late];

    [Theory]
    [InlineData("families")]
    [InlineData("threads")]
    [InlineData("server")]
    [InlineData("alpha")]
    public void Taking_it_down_leaves_the_digest_as_it_was(string name)
    {
        Scenario scenario = Scenarios.Of(name);
        RunResult plain = Run(scenario);
        RunResult seen = Run(scenario with { Engine = scenario.Engine with { ProcAtNs = Moments } });
        Assert.Equal(plain.Digest, seen.Digest);
        Assert.Equal(plain.VirtualNs, seen.VirtualNs);
        Assert.Equal(2, seen.ProcTrees.Count);
        Assert.NotEqual(Meminfo(seen.ProcTrees[0])["MemFree"], Meminfo(seen.ProcTrees[1])["MemFree"]);
    }

    [Theory]
    [InlineData("families")]
    [InlineData("threads")]
    public void Neither_windows_nor_threads_change_what_is_seen(string name)
    {
        Scenario scenario = Scenarios.Of(name);
        ProcTree expected = TreeAt(scenario, new EngineSettings { ProcAtNs = [Early] });
        foreach (long windowNs in new[] { 500, 1_300, 10_000_000 })
        {
            foreach (int threads in new[] { 1, 3 })
            {
                ProcTree tree = TreeAt(scenario,
                    new EngineSettings { ProcAtNs = [Early], WindowNs = windowNs, Threads = threads });
                Assert.Equal(expected.AtNs, tree.AtNs);
                Assert.Equal(expected.Files, tree.Files);
            }
        }
    }

    [Fact]
    public void A_run_may_end_at_that_moment()
    {
        const long end = 700_000;
        Scenario scenario = Scenarios.Of("families");
        RunResult whole = Run(scenario with { Engine = scenario.Engine with { ProcAtNs = [Early, end] } });
        RunResult cut = Run(scenario with
        {
            EndNs = end,
            Engine = scenario.Engine with { ProcAtNs = [Early, end], Audit = AuditLevel.End },
        });
        Assert.Equal(whole.ProcTrees[1].Files, cut.ProcTrees[1].Files);
        Assert.InRange(cut.VirtualNs, end, end + 1_000_000);
        Assert.True(cut.VirtualNs < whole.VirtualNs);
        Assert.Contains(cut.Processes, process => process.EndNs < 0 && process.CpuNs > 0);
        Assert.Empty(cut.Audit.Violations);
        Assert.True(cut.Audit.Checks > 0);
        Assert.All(cut.Cpus, cpu => Assert.Equal(cut.VirtualNs, cpu.BusyNs + cpu.IdleNs));
    }

    [Fact]
    public void A_run_may_end_in_the_middle_of_a_sleep()
    {
        Scenario scenario = Scenarios.Parse(
            """{ "name": "nap", "processes": [ { "name": "a", "steps": [ { "sleep": "10s" } ] } ] }""");
        RunResult cut = Run(scenario with { EndNs = 5_000_000_000 });
        Assert.Equal(5_000_000_000, cut.VirtualNs);
        Assert.Equal("sleeping", cut.Processes[0].Fate);
    }

    [Fact]
    public void A_moment_after_the_end_shows_the_end()
    {
        Scenario scenario = Scenarios.Of("tiny");
        RunResult result = Run(scenario with
        {
            EndNs = 1_000_000_000_000,
            Engine = scenario.Engine with { ProcAtNs = [500_000_000_000] },
        });
        Assert.Equal(Run(scenario).Digest, result.Digest);
        Assert.InRange(result.ProcTrees[0].AtNs, 1, result.VirtualNs);
        Assert.DoesNotContain(result.ProcTrees[0].Files, file => file.Key.EndsWith("/smaps", StringComparison.Ordinal)
            && file.Value.Length > 0);
    }

    [Theory]
    [InlineData("families")]
    [InlineData("server")]
    [InlineData("threads")]
    public void Processes_add_up_to_the_machine(string name)
    {
        Scenario scenario = Scenarios.Of(name);
        RunResult cut = Run(scenario with
        {
            EndNs = Late,
            Engine = scenario.Engine with { ProcAtNs = [Late] },
        });
        ProcTree tree = cut.ProcTrees[0];
        Dictionary<string, long> memory = Meminfo(tree);
        Assert.Equal(cut.Memory.TotalPages * 4, memory["MemTotal"]);
        Assert.Equal(cut.Memory.FreePages * 4, memory["MemFree"]);
        Assert.Equal(cut.Memory.AnonPages * 4, memory["AnonPages"]);
        Assert.Equal(cut.Memory.ShmemPages * 4, memory["Shmem"]);
        Assert.Equal((cut.Memory.ShmemPages + cut.Memory.FilePages) * 4, memory["Cached"]);
        Assert.Equal(cut.Memory.PageTablePages * 4, memory["PageTables"]);
        Assert.Equal((double)memory["AnonPages"], Shares(tree, "Pss_Anon"), Tolerance(tree));
        Assert.Equal((double)memory["Mapped"], Shares(tree, "Pss_File") + Shares(tree, "Pss_Shmem"), Tolerance(tree));
        foreach (ProcessResult process in cut.Processes.Where(process => process.EndNs < 0))
            Assert.Contains($"\nVmRSS:\t{process.RssKiB,8} kB\n", Text(tree, $"proc/{process.Pid}/status"));
    }

    // Each text rounds its share down to a KiB.
    private static double Tolerance(ProcTree tree) =>
        2.0 + (2 * tree.Files.Count(file => file.Key.EndsWith("/smaps_rollup", StringComparison.Ordinal)));

    private static long Shares(ProcTree tree, string field) => tree.Files
        .Where(file => file.Key.EndsWith("/smaps_rollup", StringComparison.Ordinal) && file.Value.Length > 0)
        .Sum(file => Fields(file.Value.Split('\n', 2)[1])[field]);

    private static Dictionary<string, long> Meminfo(ProcTree tree) => Fields(Text(tree, "proc/meminfo"));

    private static string Text(ProcTree tree, string path) => tree.Files.First(file => file.Key == path).Value;

    private static Dictionary<string, long> Fields(string text) => text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .ToDictionary(line => line.Split(':')[0], line => long.Parse(
            line.Split(':')[1].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture));

    private static ProcTree TreeAt(Scenario scenario, EngineSettings engine) =>
        Run(scenario with { Engine = engine }).ProcTrees[0];

    private static RunResult Run(Scenario scenario) => MachineRun.Execute(scenario, NullLoggerFactory.Instance);
}
