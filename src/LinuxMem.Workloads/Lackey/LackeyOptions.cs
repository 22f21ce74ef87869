namespace LinuxMem.Workloads.Lackey;

/// <summary>How logs are read and replayed.</summary>
public sealed record LackeyOptions
{
    /// <summary>Whether the first line that is no line ends the run; otherwise it is counted and reported.</summary>
    public bool Strict { get; init; }

    /// <summary>RAM of the machine that the replay runs on, in bytes.</summary>
    public ulong MemoryBytes { get; init; } = 1UL << 30;

    /// <summary>The standard input, if it is opened already and from its first byte; null to open it.</summary>
    public Stream? StandardInput { get; init; }
}
