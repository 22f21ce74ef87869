using LinuxMem.Simulation.Settings;

namespace LinuxMem.Testing.Exploring;

/// <summary>What to explore.</summary>
public sealed record ExploreRequest
{
    /// <summary>The scenario of a run, by its number. Called from several threads.</summary>
    public required Func<ulong, Scenario> ScenarioOf { get; init; }

    /// <summary>Number of the first run.</summary>
    public required ulong First { get; init; }

    /// <summary>Number of the last run.</summary>
    public required ulong Last { get; init; }

    /// <summary>Runs at the same time; changes no result.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>What is explored, for the file: equal explorations have equal headers.</summary>
    public byte[] Header { get; init; } = "{}"u8.ToArray();

    /// <summary>The file that keeps the results, or null.</summary>
    public string? Path { get; init; }

    /// <summary>Hears of every run, one at a time, from any thread: how many are done, and the run.</summary>
    public Action<long, RunRecord>? Progress { get; init; }

    /// <summary>Ends the exploration early. What is done stays in the file.</summary>
    public CancellationToken Cancel { get; init; }
}
