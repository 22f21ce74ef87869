using LinuxMem.Reporting.Expecting;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Testing;

/// <summary>What came of a run, for a test to look at.</summary>
public sealed class MachineOutcome
{
    /// <summary>The outcome of a run.</summary>
    internal MachineOutcome(Scenario scenario, RunResult result)
    {
        Result = result;
        IReadOnlyList<ExpectationOutcome> outcomes = ExpectationJudge.Judge(scenario.Expect, result);
        Unmet = [.. outcomes.Where(one => !one.Holds).Select(one => one.Problem!)];
    }

    /// <summary>The whole result.</summary>
    public RunResult Result { get; }

    /// <summary>What the scenario expects and is otherwise, in words; empty if all is as expected.</summary>
    public IReadOnlyList<string> Unmet { get; }

    /// <summary>Broken invariants, in words; empty if all hold.</summary>
    public IReadOnlyList<string> Violations => Result.Audit.Violations;

    /// <summary>The digest: equal for equal runs.</summary>
    public string Digest => Result.Digest;

    /// <summary>A counter by its name in /proc/vmstat: "oom_kill".</summary>
    /// <exception cref="ArgumentException">There is no such counter.</exception>
    public long Counter(string name)
    {
        foreach (KeyValuePair<string, long> counter in Result.VmStat)
        {
            if (counter.Key == name)
                return counter.Value;
        }

        throw new ArgumentException($"/proc/vmstat has no {name}", nameof(name));
    }

    /// <summary>The first process of a command name.</summary>
    /// <exception cref="ArgumentException">There was none.</exception>
    public ProcessResult Process(string comm) => Result.Processes.FirstOrDefault(process => process.Comm == comm)
        ?? throw new ArgumentException($"there was no process {comm}; there were "
            + string.Join(", ", Result.Processes.Select(process => process.Comm).Distinct()), nameof(comm));
}
