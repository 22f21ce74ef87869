namespace LinuxMem.Actors.Hosting;

/// <summary>
/// A crash of an actor that a scenario or a test asks for, to prove that a restart changes no result. The one failure
/// that <see cref="MachineSupervision"/> answers with a restart; everything else is a bug and ends the run.
/// </summary>
public sealed class InjectedCrashException : Exception
{
    /// <summary>A crash at the named point, such as "kernel, batch 17, after 3 traps".</summary>
    public InjectedCrashException(string point)
        : base($"injected crash: {point}") => Point = point;

    /// <summary>Where it was injected, in words.</summary>
    public string Point { get; }
}
