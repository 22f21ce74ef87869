namespace LinuxMem.Cli.Hosting;

/// <summary>What the command tells its caller; documented and stable.</summary>
internal static class ExitCode
{
    /// <summary>Done, and all is well.</summary>
    public const int Done = 0;

    /// <summary>The run finished, but an expectation of it failed.</summary>
    public const int ExpectationFailed = 1;

    /// <summary>Bad usage or bad input; nothing was written.</summary>
    public const int BadInput = 2;

    /// <summary>A file is missing, unreadable or cannot be written.</summary>
    public const int InputOutput = 3;

    /// <summary>An invariant of the simulated machine is violated.</summary>
    public const int InvariantViolated = 4;

    /// <summary>A bug of the program.</summary>
    public const int InternalError = 5;

    /// <summary>The simulated kernel panicked, and the scenario did not expect it to.</summary>
    public const int Panic = 6;

    /// <summary>Interrupted by the user.</summary>
    public const int Interrupted = 130;
}
