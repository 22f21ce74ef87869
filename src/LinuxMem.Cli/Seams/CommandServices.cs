using LinuxMem.Cli.Hosting;

namespace LinuxMem.Cli.Seams;

/// <summary>What the command works with; Program composes the real ones, tests bring their own.</summary>
internal sealed record CommandServices
{
    /// <summary>The engine.</summary>
    public required ISimulator Simulator { get; init; }

    /// <summary>The scenarios.</summary>
    public required IScenarioSource Scenarios { get; init; }

    /// <summary>The readers of logs.</summary>
    public required IReplaySource Replays { get; init; }

    /// <summary>What finds the misses of reference strings.</summary>
    public required IMissStudies MissStudies { get; init; }

    /// <summary>What runs tests of will-it-scale.</summary>
    public required IScaleRuns Scale { get; init; }

    /// <summary>Measures the host's kernel; what calibrate.c prints.</summary>
    public Func<CancellationToken, string> MeasureHost { get; init; } =
        _ => throw new IOException("there is no host to measure");

    /// <summary>Runs so many rounds of tests of will-it-scale on the host; what hostscale.c prints.</summary>
    public Func<int, CancellationToken, string> MeasureHostScale { get; init; } =
        (_, _) => throw new IOException("there is no host to measure");

    /// <summary>What records programs of the host.</summary>
    public required IRecorder Recorder { get; init; }

    /// <summary>Seconds since some moment, for the wall time of runs and the pace of the progress view.</summary>
    public Func<double> Seconds { get; init; } = WallClock.Seconds;

    /// <summary>Whether somebody looks at the standard error stream.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Whether the standard input is a keyboard.</summary>
    public bool InputIsTerminal { get; init; }

    /// <summary>Where files about crashes go.</summary>
    public string CrashDirectory { get; init; } = Path.GetTempPath();

    /// <summary>Where files go that are gone when the command ends.</summary>
    public string TempDirectory { get; init; } = Path.GetTempPath();

    /// <summary>Set when the user interrupts the command.</summary>
    public CancellationToken Cancel { get; init; }
}
