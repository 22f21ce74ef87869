using LinuxMem.Workloads.Inputs;

namespace LinuxMem.Workloads.Lackey;

/// <summary>Where a replay puts what the logged program had mapped.</summary>
public enum LackeyLayout
{
    /// <summary>Where valgrind had it.</summary>
    Logged,

    /// <summary>Where Linux would have it without valgrind.</summary>
    Linux,
}

/// <summary>How logs are read and replayed.</summary>
public sealed record LackeyOptions
{
    /// <summary>Whether the first line that is no line ends the run; otherwise it is counted and reported.</summary>
    public bool Strict { get; init; }

    /// <summary>RAM of the machine that the replay runs on, in bytes.</summary>
    public ulong MemoryBytes { get; init; } = 1UL << 30;

    /// <summary>The standard input, if it is opened already and from its first byte; null to open it.</summary>
    public Stream? StandardInput { get; init; }

    /// <summary>Where things are put.</summary>
    public LackeyLayout Layout { get; init; }

    /// <summary>
    /// With <see cref="LackeyLayout.Linux"/>: whether the processor to predict for has AVX-512 (VL and BW), which
    /// valgrind hides: then the C library uses other code.
    /// </summary>
    public bool HasAvx512 { get; init; } = true;

    /// <summary>With <see cref="LackeyLayout.Linux"/>: where programs and libraries are found; else unused.</summary>
    public Sysroot? Sysroot { get; init; }

    /// <summary>
    /// With <see cref="LackeyLayout.Linux"/>: the environment of the programs, NAME=VALUE each, of which the log does
    /// not tell; by default that of the reference logs.
    /// </summary>
    public IReadOnlyList<string> Environment { get; init; } = ["PATH=/usr/bin:/bin", "LC_ALL=C", "HOME=/tmp"];
}
