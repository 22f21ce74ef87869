using LinuxMem.Cli.Hosting;
using LinuxMem.Proofs;
using LinuxMem.Proofs.Search;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Cli.Commands;

/// <summary>Visits every state of a structure of the kernel and tells what came of it.</summary>
internal static class StateSpaceReport
{
    /// <summary>Searches and prints. Returns the exit code.</summary>
    public static int Run(
        CommandContext context, KnownSpaces.Entry structure, Mutant mutant, long statesMax, int workers)
    {
        StateSearchResult result = StateSearch.Run(
            () => structure.Make(mutant), statesMax, workers, context.Services.Cancel);
        string extent = result.Finding is not null ? "up to the first finding"
            : result.IsComplete ? "complete, every state that can be reached" : "ended by --states";
        context.Output.WriteLine($"{structure.Name}, {structure.Summary}: {extent}");
        context.Output.WriteLine($"{Units.Exact(result.States)} states, {Units.Exact(result.Transitions)} operations "
            + $"checked, depth {result.Depth}");
        if (result.Finding is not { } finding)
        {
            context.Output.WriteLine("Nothing found");
            return ExitCode.Done;
        }

        context.Output.WriteLine();
        context.Output.WriteLine(SafeText.Clean(finding.Text, 300));
        foreach (string operation in finding.Path)
            context.Output.WriteLine("  " + SafeText.Clean(operation, 300));
        return ExitCode.InvariantViolated;
    }
}
