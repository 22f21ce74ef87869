namespace LinuxMem.Cli.Display;

/// <summary>How the progress of a run is shown.</summary>
internal enum ProgressMode
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>A line now and then, for a log.</summary>
    Lines,

    /// <summary>A view that renews itself in place, for a terminal.</summary>
    Live,
}
