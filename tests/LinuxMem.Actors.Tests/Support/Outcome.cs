using LinuxMem.Actors.Machine;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Support;

/// <summary>What a run comes to, in one word: its digest, or the message with which it refuses.</summary>
internal static class Outcome
{
    /// <summary>With actors.</summary>
    public static string OfActors(Scenario scenario) =>
        Of(() => MachineRun.Execute(scenario, NullLoggerFactory.Instance));

    /// <summary>Without.</summary>
    public static string OfLoop(Scenario scenario) => Of(() => DirectMachine.Execute(scenario));

    private static string Of(Func<RunResult> run)
    {
        try
        {
            RunResult result = run();
            return result.Audit.Violations.Count == 0 ? result.Digest : string.Join('\n', result.Audit.Violations);
        }
        catch (ConfigurationException refused)
        {
            return refused.Message;
        }
    }
}
