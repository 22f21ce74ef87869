namespace LinuxMem.Workloads.Strace;

/// <summary>What of a log is compared with the simulated kernel.</summary>
public enum CheckLevel
{
    /// <summary>Nothing: the calls are made, their answers are not looked at.</summary>
    None,

    /// <summary>Results, errors, addresses, signals and the ends of tasks.</summary>
    Calls,

    /// <summary>Also contents, fault counts and /proc texts that the log shows.</summary>
    All,
}

/// <summary>How a log of strace is read and replayed.</summary>
public sealed record StraceOptions
{
    /// <summary>Whether a line that is none of a log is an error.</summary>
    public bool Strict { get; init; }

    /// <summary>What is compared.</summary>
    public CheckLevel Check { get; init; } = CheckLevel.None;

    /// <summary>
    /// Whether the replay goes on after a mismatch, with the logged answer in place of the simulated one.
    /// </summary>
    public bool KeepGoing { get; init; }

    /// <summary>
    /// A file with the memory maps of executables right after execve: "# PATH", then lines as of /proc/PID/maps; null
    /// for none.
    /// </summary>
    public string? LayoutsPath { get; init; }

    /// <summary>
    /// Whether the machine of the log has a page of zeros that loads of untouched memory share
    /// (<see cref="Layouts.ZeroPageGuess"/> finds out).
    /// </summary>
    public bool ZeroPage { get; init; } = true;

    /// <summary>RAM of the machine, in bytes.</summary>
    public ulong MemoryBytes { get; init; } = 24684084UL << 10;
}
