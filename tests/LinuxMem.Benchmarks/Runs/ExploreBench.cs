using LinuxMem.Actors.Machine;
using LinuxMem.Benchmarks.Measuring;
using LinuxMem.Simulation.Choices;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Testing;
using LinuxMem.Testing.Exploring;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Benchmarks.Runs;

/// <summary>What `linuxmem explore --generate --swarm` does for a run, on one worker: random machines of 256 to 1,024
/// frames, faults drawn, every invariant after every round.</summary>
internal sealed class ExploreBench : IBench
{
    private const ulong WarmUpRuns = 300;
    private const ulong Runs = 1000;

    // 100,000 runs in 10 minutes on 2 cores.
    private const double TargetMs = 12;

    private static readonly string[] Told = ["pgfault", "pgmajfault", "pswpout", "pgsteal_kswapd", "pgsteal_direct"];

    public string Name => "explore";

    public string About => "swarm runs of small random machines, audited every round, one worker";

    public void Run(Report report)
    {
        using var host = new MachineHost(NullLoggerFactory.Instance);
        for (ulong seed = 1; seed <= WarmUpRuns; seed++)
            Judge(host, seed);
        var sums = new long[Told.Length];
        long injected = 0, rounds = 0, findings = 0;
        double seconds = Measure.Seconds(() =>
        {
            for (ulong seed = WarmUpRuns + 1; seed <= WarmUpRuns + Runs; seed++)
            {
                if (Judge(host, seed) is not { } result)
                {
                    findings++;
                    continue;
                }

                rounds += result.Rounds;
                injected += result.Faults?.Failures ?? 0;
                for (int i = 0; i < sums.Length; i++)
                    sums[i] += result.VmStat.First(counter => counter.Key == Told[i]).Value;
            }
        });
        report.AddAtMost("CPU time of a run", seconds * 1e3 / Runs, "ms", TargetMs);
        report.AddAtMost("runs with findings", findings, "runs", 0);
        report.Add("rounds of a run, on average", (double)rounds / Runs, "rounds");
        report.Add("faults injected", (double)injected / Runs, "a run");
        for (int i = 0; i < sums.Length; i++)
            report.Add(Told[i], (double)sums[i] / Runs, "a run");
    }

    private static RunResult? Judge(MachineHost host, ulong seed)
    {
        Scenario scenario = SimulatedMachine.Random(seed).WithChoices("random").Scenario();
        scenario = scenario with
        {
            Faults = scenario.Faults with { Rules = SwarmFaults.Draw(seed), Counts = true },
            Engine = scenario.Engine with { MaxVirtualNs = 3_600_000_000_000 },
        };
        RunJudge.Judge(host, scenario, seed, CancellationToken.None, out ChoiceSource? _, out RunResult? result);
        return result;
    }
}
