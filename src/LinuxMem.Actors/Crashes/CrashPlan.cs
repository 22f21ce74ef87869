namespace LinuxMem.Actors.Crashes;

/// <summary>Where in the handling of a message an actor crashes.</summary>
public enum CrashMoment
{
    /// <summary>Before anything was done.</summary>
    Before,

    /// <summary>When the work is done, and the answer not yet sent.</summary>
    After,
}

/// <summary>A crash to inject.</summary>
/// <param name="Actor">The actor's name: cpu-N, p-PID, page-cache or disk-NAME.</param>
/// <param name="Message">Which of its messages, from 1; one that is delivered again after a crash counts again.</param>
/// <param name="Moment">Where in its handling.</param>
public sealed record PlannedCrash(string Actor, long Message, CrashMoment Moment);

/// <summary>
/// Crashes of actors to inject into a run, to prove that restarts change no result: what an actor works on lives longer
/// than the actor, and the message that it was handling is handled again.
/// </summary>
/// <param name="crashes">The crashes, in any order.</param>
public sealed class CrashPlan(params IReadOnlyList<PlannedCrash> crashes)
{
    private int injected;

    /// <summary>How many have happened.</summary>
    public int Injected => Volatile.Read(ref injected);

    /// <summary>The point that an actor passes with every message; null if it is not to crash.</summary>
    internal CrashPoint? For(string actor)
    {
        PlannedCrash[] own = [.. crashes.Where(crash => crash.Actor == actor)];
        return own.Length == 0 ? null : new CrashPoint(this, own);
    }

    /// <summary>Counts a crash; actors on several threads do.</summary>
    internal void Count() => Interlocked.Increment(ref injected);
}
