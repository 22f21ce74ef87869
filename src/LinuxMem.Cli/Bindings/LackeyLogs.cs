using System.Text;
using LinuxMem.Cli.Seams;
using LinuxMem.Reporting;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Lackey;
using LinuxMem.Workloads.Scenarios;

namespace LinuxMem.Cli.Bindings;

/// <summary>Replays of lackey logs. The machine is one CPU with 1 GiB unless settings say otherwise.</summary>
internal sealed class LackeyLogs : IReplaySource
{
    private static readonly byte[] Defaults = Encoding.UTF8.GetBytes(
        """
        {
          "name": "replay",
          "machine": { "cpus": 1, "memory": "1GiB", "contents": "none" },
          "processes": [ { "name": "replay", "steps": [ { "exit": 0 } ] } ]
        }
        """);

    /// <inheritdoc/>
    public ReplayInput Open(IReadOnlyList<string> logs, bool strict, IReadOnlyList<string> sets)
    {
        foreach (string set in sets)
        {
            bool known = set.StartsWith("machine.", StringComparison.Ordinal) || set.StartsWith("engine.",
                StringComparison.Ordinal)
                || set.StartsWith("seed=", StringComparison.Ordinal);
            if (!known)
                throw new ConfigurationException(
                    $"--set {set}: a replay has settings of machine, engine and seed only");
        }

        Scenario settings = ScenarioReader.Parse(Defaults, "replay", sets);
        LackeyReplay replay = LackeyReplay.Open(logs, new LackeyOptions { Strict = strict });
        Scenario scenario = replay.Scenario with
        {
            Machine = settings.Machine,
            Engine = settings.Engine,
            Seed = settings.Seed
        };
        return new ReplayInput { Scenario = scenario, Totals = () => Finish(replay) };
    }

    private static ReplayTotals Finish(LackeyReplay replay)
    {
        using (replay)
        {
            replay.CountRest();
            LackeyTotals totals = replay.Totals;
            return new ReplayTotals
            {
                Lines = totals.Lines,
                Accesses = totals.Accesses,
                Calls = totals.Calls,
                Notes = totals.Notes,
                Rejected = totals.Rejected,
                RejectedMessages = totals.RejectedMessages,
            };
        }
    }
}
