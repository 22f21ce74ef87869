using LinuxMem.Reporting.Events;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Reporting.Timeline;

/// <summary>Makes of the events of a run what every task did from its first moment to its last, without gaps.</summary>
/// <remarks>
/// A task's stretches follow one another: their times add up to its life. Calls and faults are told as a whole, too,
/// when they end; the stretches that they consist of lie in them.
/// </remarks>
public abstract class TaskTimeline : ITraceSink, IDisposable
{
    // Reasons of sched_switch, by TaskPhase.
    private static readonly TaskPhase[] Waits =
        [TaskPhase.Runnable, TaskPhase.Sleep, TaskPhase.Io, TaskPhase.Memory, TaskPhase.Lock];

    private readonly Dictionary<int, TaskTime> tasks = [];

    /// <summary>The moment of the last event.</summary>
    protected long NowNs { get; private set; }

    /// <summary>Tasks that live, by number.</summary>
    protected IReadOnlyDictionary<int, TaskTime> Tasks => tasks;

    /// <inheritdoc/>
    public void Take(ReadOnlySpan<TraceEvent> events)
    {
        foreach (ref readonly TraceEvent told in events)
        {
            NowNs = told.AtNs;
            Follow(told);
            Saw(told);
        }
    }

    /// <summary>The run is over: what every task is at ends with it.</summary>
    public void Dispose()
    {
        foreach (TaskTime task in tasks.Values.OrderBy(task => task.Tid))
            Leave(task);
        tasks.Clear();
        Finish();
        GC.SuppressFinalize(this);
    }

    /// <summary>A task did one thing for a while. In a fault, <paramref name="fault"/> is its kind.</summary>
    protected abstract void Did(TaskTime task, string? fault, in TaskStretch stretch);

    /// <summary>A task's call or fault is over; it began at a moment and ends now.</summary>
    protected virtual void Ended(TaskTime task, string name, long fromNs)
    {
    }

    /// <summary>An event has come, after what follows of it for tasks was told.</summary>
    protected virtual void Saw(in TraceEvent told)
    {
    }

    /// <summary>Nothing comes any more.</summary>
    protected abstract void Finish();

    private void Follow(in TraceEvent told)
    {
        switch (told.Point)
        {
            case Tracepoint.TaskNewTask:
                var task = new TaskTime
                {
                    Tid = (int)told.Numbers[0],
                    Pid = (int)told.Numbers[1],
                    Comm = SafeText.Clean(told.Text!),
                    Phase = TaskPhase.Runnable,
                    SinceNs = told.AtNs,
                };
                tasks[task.Tid] = task;
                break;
            case Tracepoint.SchedProcessExec when tasks.TryGetValue((int)told.Numbers[0], out TaskTime? renamed):
                Turn(renamed, renamed.Phase);
                renamed.Comm = SafeText.Clean(told.Text!);
                break;
            case Tracepoint.SchedWakeup when tasks.TryGetValue((int)told.Numbers[0], out TaskTime? woken):
                Turn(woken, TaskPhase.Runnable);
                break;
            case Tracepoint.SchedSwitch:
                Switch(told);
                break;
            default:
                if (tasks.TryGetValue(told.Tid, out TaskTime? actor))
                    FollowTask(actor, told);
                break;
        }
    }

    private void FollowTask(TaskTime task, in TraceEvent told)
    {
        switch (told.Point)
        {
            case Tracepoint.SysEnter:
                Turn(task, TaskPhase.Kernel);
                task.Call = CallNames.Of(told.Numbers[0]);
                task.CallNs = told.AtNs;
                break;
            case Tracepoint.SysExit:
                EndCall(task);
                break;
            case Tracepoint.PageFaultUser or Tracepoint.PageFaultRetry:
                Turn(task, TaskPhase.Kernel);
                task.WaitingFault = null;
                task.FaultNs = told.AtNs;
                break;
            case Tracepoint.PageFaultDone:
                EndFault(task, told.Text!, waits: told.Numbers[3] != 0);
                break;
            case Tracepoint.ContentionBegin:
                Turn(task, TaskPhase.Lock);
                task.Lock = told.Text;
                task.LockHolder = (int)told.Numbers[2];
                break;
            case Tracepoint.ContentionEnd:
                Turn(task, TaskPhase.Kernel);
                task.Lock = null;
                break;
            case Tracepoint.TlbFlush:
                task.ShootdownNs += told.Numbers[3];
                break;
        }
    }

    private void Switch(in TraceEvent told)
    {
        if (tasks.TryGetValue((int)told.Numbers[0], out TaskTime? previous))
        {
            const int dead = 3;
            if (told.Numbers[2] == dead)
            {
                Leave(previous);
                tasks.Remove(previous.Tid);
            }
            else
            {
                Turn(previous, Waits[Math.Clamp(told.Numbers[4], 0, Waits.Length - 1)]);
            }
        }

        if (tasks.TryGetValue((int)told.Numbers[1], out TaskTime? next))
            Turn(next, next.Call is null ? TaskPhase.User : TaskPhase.Kernel);
    }

    private void EndCall(TaskTime task)
    {
        Turn(task, TaskPhase.User);
        if (task.Call is { } call)
            Ended(task, call, task.CallNs);
        task.Call = null;
    }

    private void EndFault(TaskTime task, string kind, bool waits)
    {
        if (task.FaultNs < 0)
            return;
        Turn(task, TaskPhase.User);
        foreach (TaskStretch stretch in task.InFault)
            Did(task, kind, stretch);
        task.InFault.Clear();
        Ended(task, "page_fault " + kind, task.FaultNs);
        task.FaultNs = -1;
        task.WaitingFault = waits ? kind : null;
    }

    private void Leave(TaskTime task)
    {
        Turn(task, task.Phase);
        EndFault(task, "unfinished", waits: false);
        EndCall(task);
    }

    // The stretch that it is in ends, another begins.
    private void Turn(TaskTime task, TaskPhase next)
    {
        long fromNs = task.SinceNs;
        if (task.Phase == TaskPhase.Kernel && task.ShootdownNs > 0 && NowNs > fromNs)
        {
            long untilNs = Math.Min(NowNs, fromNs + task.ShootdownNs);
            Tell(task, new TaskStretch(TaskPhase.Shootdown, fromNs, untilNs, null));
            task.ShootdownNs = 0;
            fromNs = untilNs;
        }

        if (NowNs > fromNs)
            Tell(task, new TaskStretch(task.Phase, fromNs, NowNs, task.Lock, task.LockHolder));
        task.Phase = next;
        task.SinceNs = NowNs;
    }

    private void Tell(TaskTime task, in TaskStretch stretch)
    {
        if (task.FaultNs >= 0)
            task.InFault.Add(stretch);
        else
            Did(task, stretch.Phase == TaskPhase.User ? null : task.WaitingFault, stretch);
    }
}
