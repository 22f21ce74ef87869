namespace LinuxMem.Simulation.Faults;

/// <summary>What a task has to do with fault injection (/proc/PID/make-it-fail, /proc/PID/fail-nth).</summary>
/// <remarks>Linux: include/linux/sched.h: make_it_fail, fail_nth; kernel/fork.c: dup_task_struct, v6.18.</remarks>
public sealed class FaultTask
{
    /// <summary>Of a task.</summary>
    public FaultTask(int tid, bool makeItFail, int failNth)
    {
        Tid = tid;
        MakeItFail = makeItFail;
        FailNth = failNth;
    }

    /// <summary>The task.</summary>
    public int Tid { get; }

    /// <summary>Whether it passes task filters; its children inherit it.</summary>
    public bool MakeItFail { get; }

    /// <summary>
    /// Which of the points that it passes fails, counted down: 0 when it has, or when none was asked for. Not
    /// inherited.
    /// </summary>
    public int FailNth { get; internal set; }

    /// <summary>Faults in user mode that were tried again without success, one after the other.</summary>
    public int Spins { get; set; }

    /// <summary>For a child or thread of it.</summary>
    public FaultTask ForChild(int tid) => new(tid, MakeItFail, 0);
}
