using LinuxMem.Abi;
using LinuxMem.Simulation;
using LinuxMem.Workloads.Strace.Calls;
using LinuxMem.Workloads.Strace.Planning;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace;

/// <summary>
/// A task that does what its lines of a log of strace say, and compares the answers. The order between tasks is that of
/// the log: a task whose turn it is not sleeps until the moment of virtual time that stands for its next event.
/// </summary>
/// <remarks>
/// Tasks of a log share what the replay knows. They may: at any moment only one of them is awake, and the machine
/// passes from one to the next by its messages.
/// </remarks>
public sealed partial class StraceProgram : IProgram
{
    // So far apart that no task can be late for its turn, however much its calls cost.
    private const long SlotNs = 10_000_000_000;
    private const ulong ReadWrite = 2;
    private readonly ReplayState replay;
    private readonly LoggedTask task;
    private readonly CallPlan plan = new();
    private readonly GuideHints hints = new();
    private IEnumerator<bool>? steps;
    private AccessBatch batch = null!;
    private SyscallResult last;
    private StraceEvent? executed;
    private SyscallNr exitNr = SyscallNr.ExitGroup;
    private bool differs;
    private bool isMismatch;
    private bool hasExited;

    internal StraceProgram(ReplayState replay, LoggedTask task, string comm, ImageSpec image, StraceEvent? executed)
    {
        this.replay = replay;
        this.task = task;
        this.executed = executed;
        Comm = comm.Length > 15 ? comm[..15] : comm;
        Image = image;
    }

    /// <inheritdoc/>
    public string Comm { get; }

    /// <inheritdoc/>
    public ImageSpec Image { get; }

    /// <inheritdoc/>
    public void Start(in ProgramStart start) => steps = Run();

    /// <inheritdoc/>
    public void Next(AccessBatch batch, in SyscallResult last)
    {
        KernelBug.Assert(steps is not null, "a program is started before it runs");
        this.batch = batch;
        this.last = last;
        if (!steps.MoveNext())
            batch.SetCall(new SyscallRequest { Nr = SyscallNr.ExitGroup });
    }

    // Every step sets one call and yields; its answer is in last when the iterator goes on.
    private IEnumerator<bool> Run()
    {
        if (executed is { } exec)
        {
            executed = null;
            Judge(exec, default);
        }
        else if (task.Pid == task.Script.Tid && !task.SharesFiles)
        {
            foreach (int fd in InheritedDescriptors.Find(task.Script, task.Files.Open))
            {
                Ask(FileFacts.StandIn(fd, "stream", ReadWrite));
                yield return true;
            }
        }

        while (task.Script.Next < task.Script.Events.Count && !replay.IsStopped)
        {
            int place = task.Script.Next;
            StraceEvent next = task.Script.Events[place];
            if (!task.Script.FollowsAtOnce(place))
            {
                Ask(SleepUntil(next.Order));
                yield return true;
                if (replay.IsStopped)
                    break;
            }

            task.Script.Next++;
            Consult(next);
            switch (next.Kind)
            {
                case StraceEventKind.Call:
                    Plan(next);
                    for (var more = Carry(next); more?.MoveNext() == true;)
                        yield return true;
                    break;
                case StraceEventKind.Signal:
                    for (var more = TakeSignal(next); more.MoveNext();)
                        yield return true;
                    break;
                case StraceEventKind.Superseded:
                    // The kernel ends this task when that execve is made.
                    replay.Report.Skip("another thread's execve takes the task's place");
                    exitNr = SyscallNr.Exit;
                    Ask(SleepUntil((next.Successor ?? next).Order + 1));
                    yield return true;
                    break;
                default:
                    for (var more = End(next); more.MoveNext();)
                        yield return true;
                    break;
            }

            next.Forget();
        }

        // A log that was cut off: the task lived on, and so do the others of its process.
        if (!task.Script.HasEnd && !hasExited && !replay.IsStopped)
        {
            Ask(SleepUntil(replay.Log.Events.Count));
            yield return true;
        }

        Ask(new SyscallRequest { Nr = exitNr, A0 = (ulong)task.ExitCode });
        yield return true;
    }

    // What is not modelled has a stand-in all the same, where later calls ask for one.
    private IEnumerator<bool>? Carry(StraceEvent call) => plan.Action switch
    {
        CallAction.Make => Make(call),
        CallAction.Unsupported => AskFirst(),
        _ => null,
    };

    private IEnumerator<bool> AskFirst()
    {
        foreach (SyscallRequest first in plan.First)
        {
            Ask(first);
            yield return true;
        }
    }

    private IEnumerator<bool> Make(StraceEvent call)
    {
        task.InCall = call;
        for (var more = AskFirst(); more.MoveNext();)
            yield return true;
        Ask(plan.Request);
        yield return true;
        Judge(call, last);
        JudgeExtra(call);
        if (!differs && plan.Then.Count == 0)
            yield break;
        for (var more = FollowUp(call, last); more.MoveNext();)
            yield return true;
    }

    private void Ask(in SyscallRequest request) => batch.SetCall(request);

    private static SyscallRequest SleepUntil(int order) => new()
    {
        Nr = SyscallNr.ClockNanosleep,
        A0 = 1, // CLOCK_MONOTONIC
        A1 = 1, // TIMER_ABSTIME
        A2 = (ulong)((order + 1) * SlotNs),
    };

    private void Consult(StraceEvent next)
    {
        hints.Clear();
        if (task.Guide is null || task.Guide.TryGuide(next, hints))
        {
            foreach ((AccessKind kind, ulong address, int bytes) in hints.Touches)
                batch.AddAccess(kind, address, bytes);
            return;
        }

        replay.Warn(next, hints.StopReason ?? "the guide does not know the program any more");
        task.Guide = null;
        hints.Clear();
    }
}
