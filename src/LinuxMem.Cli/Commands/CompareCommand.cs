using System.CommandLine;
using LinuxMem.Cli.Hosting;
using LinuxMem.Reporting;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem compare: one scenario with several replacement policies, side by side.</summary>
internal static class CompareCommand
{
    private static readonly IReadOnlyDictionary<string, string> NotHere = new Dictionary<string, string>
    {
        [ReplacementNames.Optimum] = "has to know the future; it is for reference strings (linuxmem mrc)",
    };

    /// <summary>Builds the command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new ExampledCommand(
            "compare",
            "Run a scenario with several page replacement policies on the same seeds and print what differs: the "
                + "median over the seeds, and from least to most.",
            "[SCENARIO] [options]",
            [
                ("linuxmem compare my.json --policies two-list,clock,random --seeds 1..10",
                    "Three policies, ten seeds."),
                ("linuxmem compare my.json --set machine.memory=8MiB --json", "On a smaller machine; for programs."),
            ]);
        var scenario = new Argument<string?>("SCENARIO")
        {
            Description = "A JSON file, or a name that 'linuxmem scenarios' lists; without it, 'showcase'.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        scenario.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.Tokens[0].Value.StartsWith('-'))
                result.AddError(LinuxMemCommand.Unknown(result.Tokens[0].Value, command));
        });
        Option<IReadOnlyList<string>> policies = ListValues.Policies(
            ReplacementNames.InMachines, NotHere, ReplacementNames.InMachines);
        Option<IReadOnlyList<ulong>> seeds = ListValues.Seeds();
        Option<ulong?> threads = OptionValues.Number(
            "--threads", "Worker threads. They change the speed and nothing else.", 1, 64);
        Option<string[]> sets = OptionValues.Settings();
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        foreach (Option option in (Option[])[policies, seeds, threads, sets, json])
            command.Add(option);
        command.Add(scenario);
        command.SetAction(parsed => context.Guard(() =>
        {
            Scenario one = context.Services.Scenarios.Read(
                parsed.GetValue(scenario), parsed.GetValue(sets) ?? []);
            if (parsed.GetValue(threads) is { } count)
                one = one with { Engine = one.Engine with { Threads = (int)count } };
            PolicyComparison? comparison = Run(
                context, one, parsed.GetRequiredValue(policies), parsed.GetRequiredValue(seeds));
            if (comparison is null)
                return ExitCode.InvariantViolated;
            if (parsed.GetValue(json))
                comparison.WriteJson(context.Output);
            else
                comparison.WriteText(context.Output);
            return ExitCode.Done;
        }));
        return command;
    }

    // Null if an invariant broke, which has been told.
    private static PolicyComparison? Run(
        CommandContext context, Scenario scenario, IReadOnlyList<string> policies, IReadOnlyList<ulong> seeds)
    {
        using ILoggerFactory loggers = Loggers.Create(Loggers.DefaultLevel);
        var comparison = new PolicyComparison(scenario.Name, seeds);
        foreach (string policy in policies)
        {
            var results = new List<RunResult>();
            foreach (ulong seed in seeds)
            {
                Scenario one = scenario with
                {
                    Seed = seed,
                    Machine = scenario.Machine with { Replacement = policy },
                };
                string? violation;
                try
                {
                    results.Add(context.Services.Simulator.Run(one, null, loggers, context.Services.Cancel));
                    violation = results[^1].Audit.Violations.Count > 0 ? results[^1].Audit.Violations[0] : null;
                }
                catch (KernelBug bug)
                {
                    violation = bug.Message;
                }

                if (violation is null)
                    continue;
                context.Complain($"invariant violated with {policy} and seed {seed}: {violation}");
                context.Error.WriteLine("This is a bug of the simulator. To see it again: linuxmem run "
                    + $"{SafeText.Clean(scenario.Name)} --set machine.replacement={policy} --seed {seed}");
                return null;
            }

            comparison.Add(policy, results);
        }

        return comparison;
    }
}
