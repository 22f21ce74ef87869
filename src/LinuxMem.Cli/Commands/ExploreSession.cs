using System.Security.Cryptography;
using System.Text.Json;
using LinuxMem.Cli.Hosting;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Choices;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Settings;
using LinuxMem.Testing.Exploring;
using LinuxMem.Workloads.Scenarios.Generated;

namespace LinuxMem.Cli.Commands;

/// <summary>Explores as the options ask, shows how far it is, and tells what was found.</summary>
internal sealed class ExploreSession(CommandContext context, ExploreOptions options)
{
    private const double ProgressEverySeconds = 1;
    private double nextProgress;
    private long findings;

    /// <summary>Explores. Returns the exit code.</summary>
    public int Run()
    {
        if (options.Generate && options.Scenario is not null)
        {
            throw new ConfigurationException(
                $"--generate: the scenario '{options.Scenario}' is given, too; expected one of them");
        }

        if (options.Out is { } path && path != "" && Directory.Exists(path))
            throw new ConfigurationException($"--out {path}: this is a directory; expected a file");
        if (options.Out == "")
            throw new ConfigurationException("--out: this is not the name of a file");
        ScenarioOf(options.First); // what is wrong with it is told before anything is made
        double start = context.Services.Seconds();
        nextProgress = start + ProgressEverySeconds;
        Exploration exploration = Explorer.Run(new ExploreRequest
        {
            ScenarioOf = Source(),
            First = options.First,
            Last = options.Last,
            Workers = options.Workers,
            Header = Header(),
            Path = options.Out,
            Progress = (done, run) => Show(done, run, start),
            Cancel = context.Services.Cancel,
        });
        if (exploration.TornBytes > 0)
            context.Complain($"a torn record of {exploration.TornBytes} bytes was cut off {options.Out}");
        if (exploration.Resumed > 0)
            context.Complain($"{Units.Exact(exploration.Resumed)} runs were in {options.Out} already");
        var report = new ExplorationReport(exploration, Title(), ReplayOf);
        if (options.Json)
            report.WriteJson(context.Output);
        else
            report.WriteText(context.Output);
        return exploration.Findings.Any(run => run.Verdict is Verdict.Broken or Verdict.Endless)
            ? ExitCode.InvariantViolated
            : exploration.Findings.Any(run => run.Verdict == Verdict.Failed) ? ExitCode.InternalError
            : exploration.Findings.Any() ? ExitCode.ExpectationFailed
            : ExitCode.Done;
    }

    // Every worker reads a scenario of its own: programs of one share tables.
    private Func<ulong, Scenario> Source()
    {
        if (options.Generate)
            return ScenarioOf;
        var mine = new ThreadLocal<Scenario>(() => ScenarioOf(options.First));
        return seed => mine.Value! with
        {
            Seed = seed,
            Faults = options.Swarm
                ? SwarmFaults.AddTo(mine.Value!, seed, HealAtNs).Faults : mine.Value!.Faults,
        };
    }

    private Scenario ScenarioOf(ulong seed)
    {
        string? name = options.Generate ? $"{RandomScenario.Prefix}{seed}" : options.Scenario;
        Scenario scenario = context.Services.Scenarios.Read(name, options.Sets);
        if (options.Swarm)
            scenario = SwarmFaults.AddTo(scenario, seed, HealAtNs);
        else if (options.Generate)
            scenario = SwarmFaults.CutPower(scenario);
        return scenario with
        {
            Seed = seed,
            Engine = scenario.Engine with { Audit = options.Audit, Threads = options.Threads },
            Choices = ChoicePlan.Parse(options.Strategy, out _) ?? ChoicePlan.Of([]),
        };
    }

    private long? HealAtNs => FaultNumbers.TryTime(options.HealAt ?? "", out long ns) ? ns : null;

    private string Title() => options.Generate ? "random scenarios" : options.Scenario ?? "showcase";

    private string ReplayOf(RunRecord run)
    {
        List<string> words = ["linuxmem", "run", options.Generate
            ? $"{RandomScenario.Prefix}{run.Number}" : options.Scenario ?? "showcase"];
        if (!options.Generate)
            words.AddRange(["--seed", $"{run.Number}"]);
        words.AddRange(["--audit", options.Audit.ToString().ToLowerInvariant()]);
        foreach (string set in options.Sets)
            words.AddRange(["--set", set]);
        words.AddRange(["--set", $"choices={options.Strategy}"]);
        if (run.Finding.StartsWith(PowerCutResult.Invariant, StringComparison.Ordinal))
            words.AddRange(["--set", "faults.powerCuts=true"]);
        if (options.Swarm)
        {
            // With no point on the run still counts what it passes, which changes nothing.
            foreach (FaultRule rule in SwarmFaults.Draw(run.Number))
                words.AddRange(["--fault", FaultText.Format(rule)]);
            if (options.HealAt is not null)
                words.AddRange(["--heal-at", options.HealAt]);
        }

        return ShellText.Join(words);
    }

    private byte[] Header()
    {
        ReadOnlyMemory<byte> text = options.Generate ? default : context.Services.Scenarios.Text(options.Scenario);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("exploration", options.Generate ? "random" : options.Scenario ?? "showcase");
            json.WriteString("text", Convert.ToHexStringLower(SHA256.HashData(text.Span))[..16]);
            json.WriteStartArray("set");
            foreach (string set in options.Sets)
                json.WriteStringValue(set);
            json.WriteEndArray();
            json.WriteString("strategy", options.Strategy);
            json.WriteString("audit", options.Audit.ToString());
            json.WriteBoolean("swarm", options.Swarm);
            json.WriteString("healAt", options.HealAt ?? "never");
            json.WriteNumber("first", options.First);
            json.WriteNumber("last", options.Last);
            json.WriteString("build", BuildInfo.Version);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private void Show(long done, RunRecord run, double start)
    {
        if (run.Verdict != Verdict.Well)
            findings++;
        double now = context.Services.Seconds();
        if (options.Quiet || now < nextProgress)
            return;
        nextProgress = now + ProgressEverySeconds;
        ulong all = options.Last - options.First + 1;
        context.Error.WriteLine($"{Units.Exact(done)} of {all} runs, {Units.Exact(findings)} findings, "
            + $"{done / Math.Max(now - start, 0.001):0} runs/s");
    }
}
