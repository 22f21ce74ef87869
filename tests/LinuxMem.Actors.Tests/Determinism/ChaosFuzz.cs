using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Settings;
using Xunit.Abstractions;

namespace LinuxMem.Actors.Tests.Determinism;

/// <summary>
/// Random programs on random machines, each run in several ways: one digest, and no invariant broken in any round.
/// LINUXMEM_CHAOS_FIRST and LINUXMEM_CHAOS_COUNT choose the seeds.
/// </summary>
public class ChaosFuzz(ITestOutputHelper output)
{
    [Fact]
    public void Any_scenario_has_one_digest_however_it_is_run_and_breaks_nothing() =>
        SeedSweep.Check(output, 150, ProblemOf);

    private static string? ProblemOf(ulong seed)
    {
        Scenario scenario = ChaosScenario.Of(seed);
        string what = $"{scenario.Processes.Count} processes, {scenario.Machine.Cpus} cpus, "
            + $"{scenario.Machine.Paging.Name}, {scenario.Machine.MemoryBytes >> 20} MiB, {scenario.Machine.Contents}, "
            + $"asids {scenario.Machine.Tlb.AsidCount}";
        var random = new RandomStream(RandomStream.Derive(seed, "ways"));
        string engine = "";
        try
        {
            string expected = "";
            for (int way = 0; way < 5; way++)
            {
                EngineSettings settings = way switch
                {
                    0 => scenario.Engine with { Audit = AuditLevel.Off },
                    1 => scenario.Engine with { Audit = AuditLevel.Round, WindowNs = 500 },
                    2 => scenario.Engine with { Audit = AuditLevel.Round, WindowNs = 3_600_000_000_000 },
                    3 => scenario.Engine with { WindowNs = ChaosScenario.Window(ref random), Threads = 2 },
                    _ => scenario.Engine with { WindowNs = ChaosScenario.Window(ref random), ScheduleSeed = seed },
                };
                engine = settings.ToString();
                Scenario one = scenario with { Engine = settings };
                string outcome = way < 3 ? Outcome.OfLoop(one) : Outcome.OfActors(one);
                if (way == 0)
                    expected = outcome;
                else if (outcome != expected)
                    return $"{expected} != {outcome} with {engine} ({what})";
            }
        }
        catch (Exception e)
        {
            return $"{e.GetType().Name} with {engine} ({what}): {e.Message}\n{e.StackTrace}";
        }

        return null;
    }
}
