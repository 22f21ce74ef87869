using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Reclaim;

/// <summary>A whole run under pressure with each policy.</summary>
public class PolicyRunSpec
{
    private const string TooMuch = """
        {
          "name": "policies", "machine": { "cpus": 2, "memory": "2MiB", "overcommitMemory": 1 },
          "processes": [
            {
              "name": "eater", "count": 2,
              "steps": [
                { "mmap": { "length": "3MiB", "as": "m" } },
                { "touch": { "region": "m" } },
                { "access": { "region": "m", "pattern": "uniform", "count": 1000, "writePercent": 30 } },
                { "access": { "region": "m", "pattern": "sequential", "count": 700 } },
              ],
            },
          ],
        }
        """;

    public static TheoryData<string> Names => [.. ReplacementNames.InMachines];

    [Theory]
    [MemberData(nameof(Names))]
    public void Contents_are_right_and_there_is_one_digest(string policy)
    {
        Scenario scenario = SwapRunSpec.WithSwap(TooMuch, 1 << 13);
        scenario = scenario with
        {
            Machine = scenario.Machine with { Replacement = policy },
            Engine = scenario.Engine with { Audit = AuditLevel.Round, WindowNs = 50_000 },
        };
        RunResult result = DirectMachine.Execute(scenario);
        Assert.Empty(result.Audit.Violations);
        Assert.All(result.Processes, p => Assert.Equal("exited 0", p.Fate));
        Assert.True(SwapRunSpec.Counter(result, "pswpout") > 500);
        Assert.True(SwapRunSpec.Counter(result, "workingset_refault_anon") > 100);
        string expected = Outcome.OfLoop(scenario with { Engine = scenario.Engine with { Audit = AuditLevel.Off } });
        Scenario other = scenario with
        {
            Engine = scenario.Engine with { Audit = AuditLevel.Off, WindowNs = 7_777, Threads = 2 },
        };
        Assert.Equal(expected, Outcome.OfActors(other));
    }

    [Fact]
    public void Policies_differ_in_what_they_throw_out()
    {
        Scenario scenario = SwapRunSpec.WithSwap(TooMuch, 1 << 13);
        var digests = new HashSet<string>();
        foreach (string policy in ReplacementNames.InMachines)
        {
            digests.Add(DirectMachine.Execute(
                scenario with { Machine = scenario.Machine with { Replacement = policy } }).Digest);
        }

        Assert.Equal(ReplacementNames.InMachines.Count, digests.Count);
    }
}
