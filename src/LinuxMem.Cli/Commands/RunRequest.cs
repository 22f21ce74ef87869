using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Cli.Commands;

/// <summary>What the options of a run ask for; null where the scenario decides.</summary>
internal sealed record RunRequest
{
    /// <summary>Seed of every random stream.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Worker threads, 1 to 64.</summary>
    public int? Threads { get; init; }

    /// <summary>How often the invariants are checked.</summary>
    public AuditLevel? Audit { get; init; }

    /// <summary>Settings to change, each "key=value".</summary>
    public required IReadOnlyList<string> Sets { get; init; }

    /// <summary>What is injected beside what the scenario has.</summary>
    public FaultRequest Faults { get; init; } = FaultRequest.None;

    /// <summary>Whether the result is printed as JSON.</summary>
    public bool Json { get; init; }

    /// <summary>Whether long tables are printed whole.</summary>
    public bool All { get; init; }

    /// <summary>Whether the locks are listed in full.</summary>
    public bool Locks { get; init; }

    /// <summary>The directory to make, or null.</summary>
    public string? Out { get; init; }

    /// <summary>Whether the directory may replace an earlier result.</summary>
    public bool Force { get; init; }

    /// <summary>The digest that the run must have, or null.</summary>
    public string? ExpectDigest { get; init; }

    /// <summary>The file that gets a JUnit report, or null.</summary>
    public string? JUnit { get; init; }

    /// <summary>The events at the first of which the run ends; null to run to its end.</summary>
    public IReadOnlySet<Tracepoint>? Until { get; init; }

    /// <summary>The files that show how the run went.</summary>
    public Views.ViewRequest Views { get; init; } = new();

    /// <summary>auto, on or off.</summary>
    public required string Progress { get; init; }

    /// <summary>A level of <see cref="Hosting.Loggers.Levels"/>.</summary>
    public required string LogLevel { get; init; }

    /// <summary>The scenario with what the options change.</summary>
    public Scenario Apply(Scenario scenario) => scenario with
    {
        Seed = Seed ?? scenario.Seed,
        Faults = Faults.Apply(scenario.Faults),
        Engine = scenario.Engine with
        {
            Threads = Threads ?? scenario.Engine.Threads,
            Audit = Audit ?? scenario.Engine.Audit,
        },
    };
}
