using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Injection;

/// <summary>Frames that have a memory error in the middle of a run.</summary>
public sealed class MemoryErrorSpec
{
    private const string Text = """
        {
          "name": "poison", "machine": { "cpus": 3, "memory": "8MiB" },
          "faults": { "memoryErrors": [ ERRORS ] },
          "processes": [
            {
              "name": "walker", "count": 3,
              "steps": [
                { "mmap": { "length": "256KiB", "as": "m" } },
                { "touch": { "region": "m" } },
                { "access": { "region": "m", "pattern": "sequential", "count": 40000 } },
              ],
            },
          ],
        }
        """;

    [Fact]
    public void Errors_all_over_memory_kill_only_by_SIGBUS_and_the_same_ones_whatever_the_window()
    {
        string errors = string.Join(", ", Enumerable.Range(0, 200).Select(i =>
            $"{{ \"at\": \"{40 + (i % 20)}us\", \"pfn\": {i * 10} }}"));
        Scenario scenario = Scenarios.Parse(Text.Replace("ERRORS", errors, StringComparison.Ordinal));
        RunResult expected = FaultRun.Of(With(scenario, new EngineSettings { Audit = AuditLevel.Round }));
        Assert.Contains(expected.KernelLog, line => line.Text.Contains("free buddy page: Recovered", default));
        Assert.All(expected.Processes, p => Assert.True(
            p.Fate == "exited 0" || p.Fate.StartsWith("killed SIGBUS (BUS_MCEERR_AR", default), p.Fate));
        foreach (EngineSettings engine in new EngineSettings[]
        {
            new() { Threads = 2 }, new() { WindowNs = 500 }, new() { WindowNs = 3_600_000_000_000 },
            new() { ScheduleSeed = 4 },
        })
            Assert.Equal(expected.Digest, FaultRun.Of(With(scenario, engine)).Digest);
    }

    [Fact]
    public void An_error_in_a_page_of_a_process_kills_it_when_it_goes_there()
    {
        RunResult plain = FaultRun.Of(Scenarios.Parse(Text.Replace("ERRORS",
            "{ \"at\": \"1us\", \"pfn\": 5 }", StringComparison.Ordinal)));
        Assert.All(plain.Processes, p => Assert.Equal("exited 0", p.Fate));
    }

    private static Scenario With(Scenario scenario, EngineSettings engine) => scenario with { Engine = engine };
}
