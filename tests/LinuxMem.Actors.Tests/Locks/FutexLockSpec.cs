using LinuxMem.Actors.Machine;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Locks;

/// <summary>Threads that take a lock of their own program, through the kernel.</summary>
public class FutexLockSpec
{
    private const int Threads = 5, Turns = 20, HoldNs = 10_000;

    private const string Workers = """
        {
          "name": "workers", "machine": { "cpus": 4, "memory": "32MiB", "contents": "CONTENTS" },
          "processes": [
            {
              "name": "worker",
              "steps": [
                { "mmap": { "length": "4KiB", "as": "lock" } },
                { "mmap": { "length": "64KiB", "as": "pages" } },
                { "thread": { "count": 5, "steps": [
                  { "loop": { "times": 20, "steps": [
                    { "futexLock": { "region": "lock", "offset": 8 } },
                    { "touch": { "region": "pages", "kind": "write" } },
                    { "sleep": "10us" },
                    { "futexUnlock": { "region": "lock", "offset": 8 } },
                  ] } },
                ] } },
              ],
            },
          ],
        }
        """;

    [Theory]
    [InlineData("bytes")]
    [InlineData("none")]
    public void One_at_a_time_has_the_lock_however_the_run_is_cut_up(string contents)
    {
        Scenario scenario = Scenarios.Parse(Workers.Replace("CONTENTS", contents, StringComparison.Ordinal));
        RunResult expected = Run(scenario with { Engine = new EngineSettings { Audit = AuditLevel.Round } });
        Assert.True(expected.VirtualNs > (long)Threads * Turns * HoldNs, $"only {expected.VirtualNs} ns");
        foreach (long windowNs in new[] { 777, 50_000 })
        {
            var engine = new EngineSettings { WindowNs = windowNs, Threads = 2 };
            Assert.Equal(expected.Digest, Run(scenario with { Engine = engine }).Digest);
        }
    }

    private static RunResult Run(Scenario scenario)
    {
        RunResult result = MachineRun.Execute(scenario, NullLoggerFactory.Instance);
        Assert.Empty(result.Audit.Violations);
        Assert.All(result.Processes, process => Assert.Equal("exited 0", process.Fate));
        return result;
    }
}
