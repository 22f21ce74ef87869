using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios;

namespace LinuxMem.Actors.Tests.Reclaim;

/// <summary>
/// Machines of 64 frames with two swap areas, that hold half of what their processes want: every run ends, with every
/// invariant, under each policy of page replacement and each kernel.
/// </summary>
public sealed class TinyMachineSpec
{
    private const string Tiny = """
        {
          "name": "tiny64",
          "machine": { "cpus": 2, "memory": "256KiB", "overcommitMemory": 1,
            "disks": [ { "preset": "ssd", "size": "64MiB" } ],
            "swap": [ { "size": "128KiB", "priority": 5 }, { "size": "128KiB" } ] },
          "processes": [
            { "name": "a", "steps": [
              { "mmap": { "length": "96KiB", "as": "m" } }, { "touch": { "region": "m" } },
              { "access": { "region": "m", "pattern": "uniform", "count": 200, "writePercent": 50 } },
              { "fork": { "steps": [
                { "access": { "region": "m", "pattern": "uniform", "count": 40, "writePercent": 80 } } ] } },
              { "access": { "region": "m", "pattern": "zipf", "count": 100, "writePercent": 30 } },
              { "wait": "all" } ] },
            { "name": "w", "startAt": "100us", "steps": [
              { "open": { "path": "/f", "as": "f" } },
              { "loop": { "times": 12, "steps": [ { "write": { "file": "f", "bytes": "16KiB", "part": "16KiB" } } ] } },
              { "fsync": "f" },
              { "mmap": { "length": "64KiB", "file": "f", "as": "x", "shared": true } },
              { "access": { "region": "x", "pattern": "uniform", "count": 60, "writePercent": 40 } } ] },
            { "name": "d", "startAt": "500us", "steps": [
              { "kernelAlloc": { "order": 1, "count": 4, "as": "b" } }, { "sleep": "1ms" },
              { "kernelFree": { "blocks": "b" } } ] },
          ],
        }
        """;

    public static TheoryData<string, string> Machines
    {
        get
        {
            var machines = new TheoryData<string, string>();
            foreach (string policy in (string[])["two-list", "aging", "mglru", "clock", "fifo", "lru", "random"])
            {
                machines.Add(policy, "linux-6");
                machines.Add(policy, "classic");
            }

            return machines;
        }
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void Every_policy_gets_a_machine_of_64_frames_to_its_end(string policy, string kernel)
    {
        Scenario scenario = Read(policy, kernel, seed: 1, "machine.cpus=2");
        RunResult result = DirectMachine.Execute(scenario);
        Assert.Empty(result.Audit.Violations);
        Assert.Equal("done", result.Outcome);
        Assert.All(result.Processes, process => Assert.Equal("exited 0", process.Fate));
        RunResult other = DirectMachine.Execute(scenario with { Engine = scenario.Engine with { WindowNs = 500 } });
        Assert.Equal(result.Digest, other.Digest);
    }

    // Each did not end, or broke I36, when it was found.
    [Theory]
    [InlineData("lru", "linux-6", 1)]
    [InlineData("two-list", "linux-6", 35)]
    [InlineData("mglru", "linux-6", 5)]
    [InlineData("aging", "linux-6", 14)]
    [InlineData("two-list", "classic", 176)]
    public void Runs_that_once_failed_end_well(string policy, string kernel, ulong seed)
    {
        RunResult result = DirectMachine.Execute(Read(policy, kernel, seed, "choices=random"));
        Assert.Empty(result.Audit.Violations);
        Assert.Equal("done", result.Outcome);
        Assert.True(result.VirtualNs < 60_000_000_000);
    }

    private static Scenario Read(string policy, string kernel, ulong seed, string set)
    {
        Scenario read = ScenarioReader.Parse(System.Text.Encoding.UTF8.GetBytes(Tiny), "tiny64.json",
            [$"machine.replacement={policy}", $"machine.kernel={kernel}", set]);
        return read with { Seed = seed, Engine = read.Engine with { Audit = AuditLevel.Round } };
    }
}
