using System.Text;
using LinuxMem.Actors.Machine;
using LinuxMem.Reporting.Expecting;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Choices;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Testing.Exploring;
using LinuxMem.Workloads.Scenarios;
using LinuxMem.Workloads.Scenarios.Generated;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Testing;

/// <summary>
/// A machine for tests: say which scenario and what is to be otherwise, run it, look at what came of it. It never
/// changes: every method gives another one.
/// </summary>
public sealed record SimulatedMachine
{
    private readonly byte[] text;
    private readonly string source;
    private readonly string[] sets = [];

    private SimulatedMachine(byte[] text, string source)
    {
        this.text = text;
        this.source = source;
    }

    private SimulatedMachine(SimulatedMachine other, string[] sets)
    {
        text = other.text;
        source = other.source;
        this.sets = sets;
    }

    /// <summary>The machine of a scenario that is built in (`linuxmem scenarios` lists them).</summary>
    /// <exception cref="ConfigurationException">There is none of that name.</exception>
    public static SimulatedMachine Named(string scenario) => new(BuiltIn.Open(scenario).ToArray(), scenario);

    /// <summary>The machine of a scenario file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SimulatedMachine FromFile(string path) => new(ScenarioReader.ReadText(path).ToArray(), path);

    /// <summary>The machine of a scenario's text, JSON as in a file.</summary>
    public static SimulatedMachine FromText(string json) => new(Encoding.UTF8.GetBytes(json), "scenario");

    /// <summary>A small machine with random programs, drawn from a seed; `linuxmem run random:SEED` runs it.</summary>
    public static SimulatedMachine Random(ulong seed) =>
        new(RandomScenario.Text(seed), $"{RandomScenario.Prefix}{seed}");

    /// <summary>The same with another value of a key, as `linuxmem run --set KEY=VALUE`.</summary>
    public SimulatedMachine With(string key, string value) => new(this, [.. sets, $"{key}={value}"]);

    /// <summary>The same with another seed.</summary>
    public SimulatedMachine WithSeed(ulong seed) => With("seed", $"{seed}");

    /// <summary>
    /// The same with its free decisions made otherwise: "random", "pct:3", "delay:2", or a list of decisions.
    /// </summary>
    public SimulatedMachine WithChoices(string choices) => With("choices", choices);

    /// <summary>The same with every invariant checked after every round.</summary>
    public SimulatedMachine AuditedEveryRound() => With("engine.audit", "round");

    /// <summary>The scenario as it is now.</summary>
    /// <exception cref="ConfigurationException">Every mistake in it, with its place.</exception>
    public Scenario Scenario()
    {
        Scenario scenario = ScenarioReader.Parse(text, source, sets);
        ExpectationJudge.Check(scenario.Expect, CounterNames.ByKey);
        return scenario;
    }

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="ConfigurationException">The scenario has a mistake, or does not end in its time.</exception>
    /// <exception cref="KernelBug">An invariant is broken, and the machine could not go on.</exception>
    public MachineOutcome Run()
    {
        Scenario scenario = Scenario();
        RunResult result = MachineRun.Execute(scenario, NullLoggerFactory.Instance);
        return new MachineOutcome(scenario, result);
    }

    /// <summary>
    /// Runs it with each of these seeds and random free decisions (or those that <see cref="WithChoices"/> asks for),
    /// every invariant checked after every round.
    /// </summary>
    /// <param name="first">The first seed.</param>
    /// <param name="last">The last seed.</param>
    /// <param name="workers">Runs at the same time; changes no result.</param>
    public Exploration Explore(ulong first, ulong last, int workers = 1)
    {
        using var mine = new ThreadLocal<Scenario>(Scenario);
        ChoicePlan usual = ChoicePlan.Parse("random", out _)!;
        return Explorer.Run(new ExploreRequest
        {
            ScenarioOf = seed => mine.Value! with
            {
                Seed = seed,
                Choices = mine.Value!.Choices ?? usual,
                Engine = mine.Value!.Engine with { Audit = AuditLevel.Round, Threads = 1 },
            },
            First = first,
            Last = last,
            Workers = workers,
        });
    }
}
