using LinuxMem.Actors.Hosting;

namespace LinuxMem.Actors.Crashes;

/// <summary>Crashes one actor as planned. Lives longer than the actor, or it would crash for ever.</summary>
public sealed class CrashPoint
{
    private readonly CrashPlan plan;
    private readonly IReadOnlyList<PlannedCrash> crashes;
    private long messages;

    internal CrashPoint(CrashPlan plan, IReadOnlyList<PlannedCrash> crashes)
    {
        this.plan = plan;
        this.crashes = crashes;
    }

    /// <summary>The actor has a message and has done nothing with it.</summary>
    /// <exception cref="InjectedCrashException">A crash is planned here.</exception>
    public void Before()
    {
        messages++;
        Pass(CrashMoment.Before);
    }

    /// <summary>The actor has done what the message asks, and not yet answered.</summary>
    /// <exception cref="InjectedCrashException">A crash is planned here.</exception>
    public void After() => Pass(CrashMoment.After);

    private void Pass(CrashMoment moment)
    {
        foreach (PlannedCrash crash in crashes)
        {
            if (crash.Message != messages || crash.Moment != moment)
                continue;
            plan.Count();
            throw new InjectedCrashException($"{crash.Actor}, message {messages}, {moment}");
        }
    }
}
