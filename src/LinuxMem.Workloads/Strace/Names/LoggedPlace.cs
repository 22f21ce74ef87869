namespace LinuxMem.Workloads.Strace.Names;

/// <summary>Where a task is in the file system, as far as the log tells; those of one fs_struct share it.</summary>
internal sealed class LoggedPlace
{
    /// <summary>The working directory.</summary>
    internal string Directory { get; set; } = "/work";

    /// <summary>Whether the machine has the same one, under its real name.</summary>
    internal bool IsCertain { get; set; }

    /// <summary>Whether the log has told the umask.</summary>
    internal bool KnowsUmask { get; set; }

    internal LoggedPlace Copy() =>
        new() { Directory = Directory, IsCertain = IsCertain, KnowsUmask = KnowsUmask };
}
