using LinuxMem.Actors.Machine;
using LinuxMem.Reporting.Expecting;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Choices;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Testing.Exploring;

/// <summary>Runs a scenario and says what came of it, whatever that is.</summary>
public static class RunJudge
{
    private const int FindingCharsMax = 500;

    /// <summary>Runs.</summary>
    /// <param name="host">Runs machines; it is as good as new afterwards.</param>
    /// <param name="scenario">What to run.</param>
    /// <param name="number">The run's number.</param>
    /// <param name="cancel">Ends the run early.</param>
    /// <exception cref="OperationCanceledException">The run was ended early.</exception>
    public static RunRecord Judge(MachineHost host, Scenario scenario, ulong number, CancellationToken cancel) =>
        Judge(host, scenario, number, cancel, out _, out _);

    /// <summary>Runs, and gives also what decisions were made and the result; null if the run did not end.</summary>
    public static RunRecord Judge(MachineHost host, Scenario scenario, ulong number, CancellationToken cancel,
        out ChoiceSource? choices, out RunResult? result)
    {
        var watched = scenario.Choices is { } plan ? new WatchedPlan(plan) : null;
        Verdict verdict;
        string finding;
        result = null;
        try
        {
            EngineSettings engine = scenario.Engine with { StopAtViolation = true };
            result = host.Run(scenario with { Choices = watched, Engine = engine }, cancel: cancel);
            (verdict, finding) = Of(scenario, result);
        }
        catch (OperationCanceledException)
        {
            throw;
        }
        catch (KernelBug bug)
        {
            (verdict, finding) = (Verdict.Broken, bug.Message);
        }
        catch (ConfigurationException e)
        {
            (verdict, finding) = (Verdict.Endless, e.Message);
        }
        catch (Exception e)
        {
            // A bug of ours is a finding like any other; the run that shows it again shows the trace, too.
            (verdict, finding) = (Verdict.Failed, $"{e.GetType().Name}: {e.Message}");
        }

        choices = watched?.Opened;
        if (finding.Length > FindingCharsMax)
            finding = finding[..FindingCharsMax];
        return new RunRecord(number, verdict, result?.Digest ?? "", finding, choices?.OfferedInAll ?? 0,
            choices?.Taken.Count ?? 0, result is null ? "" : Reachable.Of(result),
            SwarmFaults.Passed(result?.Faults));
    }

    private static (Verdict, string) Of(Scenario scenario, RunResult result)
    {
        if (result.Audit.Violations.Count > 0)
            return (Verdict.Broken, result.Audit.Violations[0]);
        if (result.PowerCut is { Violations.Count: > 0 } cut)
            return (Verdict.Broken, cut.Violations[0]);
        foreach (ExpectationOutcome outcome in ExpectationJudge.Judge(scenario.Expect, result))
        {
            if (!outcome.Holds)
                return (Verdict.Unexpected, outcome.Problem!);
        }

        return (Verdict.Well, "");
    }

    /// <summary>Another plan, whose source can be looked at after the run.</summary>
    private sealed record WatchedPlan(ChoicePlan Plan) : ChoicePlan
    {
        public ChoiceSource? Opened { get; private set; }

        public override ChoiceSource Open(ulong seed) => Opened = Plan.Open(seed);

        public override string ToString() => Plan.ToString();
    }
}
