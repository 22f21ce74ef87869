namespace LinuxMem.Simulation.Choices;

/// <summary>Where the machine may go one way or another, because Linux may too. Each has a stream of its own.</summary>
public enum ChoiceSite
{
    /// <summary>Which of several tasks that wake at one moment is placed first: its place among those left.</summary>
    WakeOrder,

    /// <summary>Which CPU a task that wakes gets: how many of those that are as good are passed over.</summary>
    Placement,

    /// <summary>Whether a task that returns from the kernel gives way to one that waits: 0 or 1.</summary>
    Preempt,

    /// <summary>How much sooner than usual the slice of a task that gets a CPU ends, in nanoseconds.</summary>
    SliceCut,

    /// <summary>
    /// How much later than usual a task resumes, in nanoseconds: an interrupt, or a hypervisor that is busy.
    /// </summary>
    ResumeDelay,

    /// <summary>
    /// How long after its moment a sleeper is woken, in nanoseconds: the slack of timers (timer_slack_ns, 50 us).
    /// </summary>
    TimerSlack,

    /// <summary>How much later than usual an interrupt to another CPU arrives, in nanoseconds: it may be masked there.
    /// </summary>
    IpiDelay,

    /// <summary>How much later than usual an I/O reaches its device, in nanoseconds: others are before it.</summary>
    IoDelay,
}
