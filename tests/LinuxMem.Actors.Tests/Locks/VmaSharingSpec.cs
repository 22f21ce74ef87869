using System.Text;
using LinuxMem.Actors.Machine;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Locks;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Locks;

/// <summary>What locks of VMAs bring depends on who shares which VMA.</summary>
public class VmaSharingSpec
{
    private const int Members = 8;

    [Fact]
    public void Threads_that_fault_in_one_vma_share_the_line_of_its_count_and_in_vmas_of_their_own_they_do_not()
    {
        RunResult one = Run(Threads(ownVmas: false, maps: false), perVma: true);
        RunResult own = Run(Threads(ownVmas: true, maps: false), perVma: true);
        RunResult none = Run(Threads(ownVmas: true, maps: false), perVma: false);
        long InLine(RunResult run) => run.Locks!.Calls
            .Where(c => c.Call == "page fault" && c.Class is "vma_lock" or "mmap_lock").Sum(c => c.Waits.TotalNs);
        Assert.True(InLine(one) > 20 * InLine(own), $"{InLine(one)} ns, in VMAs of their own {InLine(own)} ns");
        Assert.True(InLine(none) > 20 * InLine(own), $"{InLine(none)} ns, with locks of VMAs {InLine(own)} ns");
        Assert.True(one.Processes.Sum(p => p.CpuNs) > own.Processes.Sum(p => p.CpuNs));
    }

    [Fact]
    public void Who_maps_beside_them_holds_faults_up_under_mmap_lock_only()
    {
        LockTimes Waits(bool perVma) => Run(Threads(ownVmas: true, maps: true), perVma).Locks!.Calls
            .SingleOrDefault(c => c is { Class: "mmap_lock", Call: "page fault", Writes: false })?.Waits ?? default;
        LockTimes with = Waits(perVma: true), without = Waits(perVma: false);
        Assert.True(without.Count > 100, $"{without.Count} waits");
        Assert.True(with.TotalNs * 20 < without.TotalNs, $"{with.TotalNs} ns, without {without.TotalNs} ns");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Windows_and_threads_change_nothing(bool ownVmas)
    {
        RunResult expected = Run(Threads(ownVmas, maps: true), perVma: true);
        foreach (long windowNs in new[] { 500, 3_600_000_000_000 })
        {
            Assert.Equal(expected.Digest, Run(Threads(ownVmas, maps: true), perVma: true,
                new EngineSettings { WindowNs = windowNs, Threads = 2 }).Digest);
        }
    }

    // Eight threads that fault all over one mapping, or each over one of its own; those are too small for huge pages,
    // and guards lie between, without which they were one. Perhaps a thread that maps and unmaps.
    private static Scenario Threads(bool ownVmas, bool maps)
    {
        var mappings = new StringBuilder();
        var threads = new StringBuilder();
        for (int i = 0; i < Members; i++)
        {
            string region = ownVmas ? $"m{i}" : "m0";
            if (i == 0 || ownVmas)
                mappings.Append($$"""{ "mmap": { "length": "{{(ownVmas ? 1 : 8)}}MiB", "as": "{{region}}" } }, """);
            mappings.Append($$"""{ "mmap": { "length": "4KiB", "prot": "none", "as": "g{{i}}" } },""").Append('\n');
            threads.Append($$"""
                { "thread": { "steps": [
                  { "access": { "region": "{{region}}", "pattern": "uniform", "count": 600 } },
                ] } },
                """);
        }

        string mapper = """
            { "thread": { "steps": [ { "loop": { "times": 150, "steps": [
              { "mmap": { "length": "64KiB", "as": "t" } }, { "munmap": { "region": "t" } },
            ] } } ] } },
            """;
        return Scenarios.Parse($$"""
            {
              "name": "vmas", "machine": { "cpus": 10, "memory": "128MiB", "overcommitMemory": 1 },
              "processes": [
                { "name": "team", "steps": [ {{mappings}} {{threads}} {{(maps ? mapper : "")}} { "sleep": "3ms" } ] },
              ],
            }
            """);
    }

    private static RunResult Run(Scenario scenario, bool perVma, EngineSettings? engine = null) =>
        MachineRun.Execute(scenario with
        {
            Machine = scenario.Machine with { Locks = new LockSettings { PerVma = perVma } },
            Engine = engine ?? new EngineSettings { Audit = AuditLevel.Off },
        }, NullLoggerFactory.Instance);
}
