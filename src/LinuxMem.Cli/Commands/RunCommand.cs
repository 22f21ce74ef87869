using System.CommandLine;
using LinuxMem.Cli.Hosting;
using LinuxMem.Cli.Views;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem run: simulates a scenario.</summary>
internal static class RunCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new ExampledCommand(
            "run",
            "Simulate a scenario and report what its processes, CPUs and memory did.",
            "[SCENARIO] [options]",
            [
                ("linuxmem run", "The built-in scenario that shows everything."),
                ("linuxmem run fork-storm --seed 7 --set machine.cpus=8",
                    "A built-in one with another seed and more CPUs."),
                ("linuxmem run my.json --audit round --out result",
                    "A file; every round checked; the result kept in files."),
                ("linuxmem run cow-storm --events e.txt --events-kind page_fault_user,sched:* --events-to 2ms",
                    "What happened, as 'perf script' shows it."),
                ("linuxmem run thrashing --trace t.json.gz --folded t.folded",
                    "Files for ui.perfetto.dev and for flame graphs."),
                ("linuxmem run thrashing --report r.html", "A page with charts and tables."),
                ("linuxmem run overcommit --until oom:mark_victim --events e.txt", "How it came to that."),
                ("linuxmem run --json | jq .digest", "For programs."),
            ]);
        Argument<string?> scenario = ScenarioArgument.Of(command);
        Option<ulong?> seed = OptionValues.Number(
            "--seed", "Seed of every random choice; without it, the scenario's own.", 0, ulong.MaxValue);
        var options = new RunOptions();
        Option<HashSet<Tracepoint>?> until = ViewOptions.Until();
        var views = new ViewOptions();
        command.Add(scenario);
        command.Add(seed);
        command.Add(until);
        options.AddTo(command);
        views.AddTo(command);
        command.SetAction(parsed =>
        {
            RunRequest request = options.Read(parsed) with
            {
                Seed = parsed.GetValue(seed),
                Until = parsed.GetValue(until),
                Views = views.Read(parsed),
            };
            return new RunSession(context, request, OutputDirectory.Check).Run(
                () => (context.Services.Scenarios.Read(parsed.GetValue(scenario), request.Sets), null), strict: false);
        });
        return command;
    }
}
