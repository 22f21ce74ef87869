using LinuxMem.Actors.Machine;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Machine;

/// <summary>CPUs that go away and come back, and tasks that may run on some only.</summary>
public class HotplugSpec
{
    private const string Busy = """
        {
          "name": "busy", "machine": { "cpus": 4, "memory": "32MiB", "slice": "100us" },
          "hotplug": [
            { "at": "300us", "cpu": 2, "online": false }, { "at": "400us", "cpu": 3, "online": false },
            { "at": "900us", "cpu": 2, "online": true },
          ],
          "processes": [
            {
              "name": "worker", "count": 5,
              "steps": [ { "loop": { "times": 25, "steps": [
                { "mmap": { "length": "64KiB", "as": "m" } },
                { "touch": { "region": "m", "kind": "write" } },
                { "access": { "region": "m", "pattern": "uniform", "count": 3000 } },
                { "munmap": { "region": "m" } },
              ] } } ],
            },
            {
              "name": "threads",
              "steps": [
                { "mmap": { "length": "256KiB", "as": "arena" } },
                { "thread": { "count": 3, "steps": [ { "loop": { "times": 20, "steps": [
                  { "access": { "region": "arena", "pattern": "uniform", "count": 2000, "writePercent": 50 } },
                  { "mprotect": { "region": "arena", "prot": "rw" } },
                ] } } ] } },
              ],
            },
          ],
        }
        """;

    private const string Pinned = """
        {
          "name": "pinned", "machine": { "cpus": 4, "memory": "32MiB" },
          "processes": [
            { "name": "one", "count": 3, "affinity": [ 1 ],
              "steps": [ { "mmap": { "length": "1MiB", "as": "m" } },
                { "access": { "region": "m", "pattern": "uniform", "count": 50000 } },
                { "fork": { "steps": [ { "access": { "region": "m", "pattern": "uniform", "count": 50000 } } ] } },
                { "wait": "all" } ] },
          ],
        }
        """;

    [Fact]
    public void A_run_with_cpus_that_come_and_go_breaks_no_invariant_and_is_the_same_for_every_window()
    {
        RunResult expected = Run(Scenarios.Parse(Busy), new EngineSettings { Audit = AuditLevel.Round });
        Assert.Empty(expected.Audit.Violations);
        Assert.All(expected.Processes, process => Assert.Equal("exited 0", process.Fate));
        foreach (long windowNs in new[] { 500, 7_000, 3_600_000_000_000 })
        {
            var engine = new EngineSettings { WindowNs = windowNs, Threads = 2, Audit = AuditLevel.Off };
            Assert.Equal(expected.Digest, Run(Scenarios.Parse(Busy), engine).Digest);
        }
    }

    [Fact]
    public void A_cpu_that_is_gone_does_nothing_and_its_lists_are_empty()
    {
        Scenario scenario = Scenarios.Parse(Busy) with { EndNs = 850_000 };
        RunResult cut = Run(scenario, new EngineSettings { Audit = AuditLevel.End });
        Assert.Empty(cut.Audit.Violations);
        Assert.InRange(cut.Cpus[2].BusyNs, 250_000, 330_000);
        Assert.InRange(cut.Cpus[3].BusyNs, 350_000, 430_000);
        Assert.InRange(cut.Cpus[1].BusyNs, 800_000, 860_000);
        RunResult whole = Run(Scenarios.Parse(Busy), new EngineSettings());
        Assert.True(whole.Cpus[2].BusyNs > cut.Cpus[2].BusyNs, "it is used again when it is back");
        Assert.Equal(cut.Cpus[3].BusyNs, whole.Cpus[3].BusyNs);
    }

    [Fact]
    public void Pinned_processes_and_their_children_run_on_their_cpu_only()
    {
        RunResult result = Run(Scenarios.Parse(Pinned), new EngineSettings());
        Assert.Equal([0, 2, 3], result.Cpus.Where(cpu => cpu.Accesses == 0).Select(cpu => cpu.Cpu));
        Assert.Equal(6, result.Processes.Count);
    }

    private static RunResult Run(Scenario scenario, EngineSettings engine) =>
        MachineRun.Execute(scenario with { Engine = engine }, NullLoggerFactory.Instance);
}
