using System.Globalization;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Testing.Exploring;

/// <summary>
/// Faults drawn for one run of a swarm: each fault point is on or off with even chances, so that runs differ in which
/// failures meet (Groce and others, "Swarm testing", 2012).
/// </summary>
public static class SwarmFaults
{
    private const int RarestShift = 6;
    private const long LongestNs = 60_000_000_000;

    // Linux's defaults spare what this machine mostly does, and wait for longer than such runs last; a swarm wants
    // failures.
    private static readonly (string Name, string Value)[] Wanted =
        [("min-order", "0"), ("ignore-gfp-wait", "N"), ("ignore-gfp-highmem", "N"),
        ("csd-lock-timeout", "50us"), ("io-timeout", "5ms")];

    /// <summary>The points that are on in the run of a seed.</summary>
    public static IReadOnlyList<FaultRule> Draw(ulong seed)
    {
        var rules = new List<FaultRule>();
        foreach (FaultPoint point in FaultPoint.All.Where(point => !point.IsApart))
        {
            // A stream for each point: one more of them moves nothing elsewhere.
            var stream = new RandomStream(RandomStream.Derive(seed, "swarm " + point.Name));
            bool isOn = stream.Percent(50);
            int percent = Math.Max(1, 64 >> (int)stream.Below(RarestShift + 1));
            int times = stream.Percent(50) ? -1 : 1 + (int)stream.Below(8);
            if (!isOn)
                continue;
            var given = new Dictionary<string, string>();
            foreach ((string name, string value) in Wanted)
            {
                if (point.Parameters.Any(parameter => parameter.Name == name))
                    given[name] = value;
            }

            rules.Add(FaultText.Make(point, new FaultAttr { Probability = percent, Times = times }, given));
        }

        return rules;
    }

    /// <summary>
    /// A scenario in which what a call has said to be on the disk is looked for after power cuts in thought: it is
    /// there, or somebody was told that it is not. As it was if there is nothing to look for.
    /// </summary>
    public static Scenario CutPower(Scenario scenario) => scenario with
    {
        Faults = scenario.Faults with
        {
            CutsPower = scenario.Faults.CutsPower || scenario.Machine.HasDurableContents,
        },
    };

    /// <summary>A scenario with the faults of a seed, which end at a moment; null for the one that it says.</summary>
    public static Scenario AddTo(Scenario scenario, ulong seed, long? healAtNs) => scenario with
    {
        Faults = CutPower(scenario).Faults with
        {
            Rules = Draw(seed),
            HealAtNs = healAtNs ?? scenario.Faults.HealAtNs,
            Counts = true,
        },
        // Lost requests are waited for as long as Linux does.
        Engine = scenario.Engine with { MaxVirtualNs = Math.Max(scenario.Engine.MaxVirtualNs, LongestNs) },
    };

    /// <summary>What a run passed: its cells as "site:operation:phase", and a '+' where something failed.</summary>
    public static string Passed(FaultReport? report) => report is null ? "" : string.Join(',', report.Reached.Select(
        cell => string.Create(CultureInfo.InvariantCulture,
            $"{cell.Site.Index}:{cell.Operation.Index}:{(int)cell.Phase}{(cell.Failed > 0 ? "+" : "")}")));
}
