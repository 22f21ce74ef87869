using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Calls;
using LinuxMem.Workloads.Strace.Layouts;
using LinuxMem.Workloads.Strace.Names;
using LinuxMem.Workloads.Strace.Planning;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace;

/// <content>What is done about each event.</content>
public sealed partial class StraceProgram
{
    // Leaves in the plan what the event asks for; what is not made is counted here.
    private void Plan(StraceEvent call)
    {
        var nr = (SyscallNr)call.Nr;
        plan.Clear();
        WorkingDirectory.Note(call, task);
        if (nr is SyscallNr.Unshare or SyscallNr.Setns || CloneCall.IsOne(call))
            task.HasNamespaces |= IdentityCalls.MakesNamespaces(call);
        if (nr is SyscallNr.Setuid or SyscallNr.Setreuid or SyscallNr.Setresuid or SyscallNr.Setfsuid
            or SyscallNr.Capset or SyscallNr.Unshare or SyscallNr.Setns or SyscallNr.Chroot)
            task.IsRoot = false;
        if (nr is SyscallNr.Exit or SyscallNr.ExitGroup)
            PlanExit(call, nr);
        else if (call.Nr < 0)
            plan.Skip("no call of 64-bit programs that Linux 6.18 knows");
        else if (!call.IsEnded)
            plan.Skip("a call that does not return");
        else if (IsCutShort(call))
            plan.Skip("a call that the end of its task cut short");
        else if (!call.Result.IsKnown)
            plan.Skip("a call that is interrupted and made again");
        else if (CloneCall.IsOne(call))
            PlanClone(call);
        else if (nr is SyscallNr.Execve or SyscallNr.Execveat)
            PlanExec(call);
        else if (nr == SyscallNr.Wait4)
            TaskCalls.PlanWait(call, task, replay, plan);
        else if (nr == SyscallNr.Waitid)
            TaskCalls.PlanWaitId(call, task, replay, plan);
        else if (MemoryCalls.Is(nr))
            PlanMemory(call, nr);
        else if (!IdentityCalls.TryPlan(call, task, replay, plan)
            && !UserfaultCalls.TryPlan(call, task, plan) && !NameCalls.TryPlan(call, task, replay, plan)
            && !FileCalls.TryPlan(call, task, replay, hints, plan)
            && !SystemCalls.TryPlan(call, task, replay, hints, plan)
            && !FutexPlans.TryPlan(call, task, plan) && !PidfdPlans.TryPlan(call, task, replay, plan)
            && !SignalCalls.TryPlan(call, task, replay, plan))
            plan.Skip(SkippedCalls.ReasonOf(nr));
        task.IsInOtherAbi = call.Result.Error == "ENOSYS" && (IsAlwaysThere(nr) || task.IsInOtherAbi);
        if (task.IsInOtherAbi && plan.Action == CallAction.Make)
            plan.Make(new SyscallRequest { Nr = (SyscallNr)(call.Nr | OtherAbi) });
        if (plan.Action == CallAction.Make)
            TakeHints(call);
        // What the signal does beside it, the log shows by itself.
        if (plan.Action == CallAction.Make && call.Result.Error == "EFBIG")
            plan.First.Add(SystemCalls.Ignoring(Signal.SigXfsz));
        if (plan.Action == CallAction.Skip)
            replay.Report.SkipCall(plan.Reason, call.Name);
        else if (plan.Action == CallAction.Unsupported)
            replay.Report.Miss(call.Name);
        else if (plan.Near != 0 && replay.Options.Check != CheckLevel.None)
            plan.Request.Operands ??= new SyscallOperands { Vmas = [], Near = plan.Near };
    }

    private void PlanMemory(StraceEvent call, SyscallNr nr)
    {
        if (nr == SyscallNr.Mmap && task.Files.TryFind((int)call[4].Number, out Descriptor file))
            replay.MappedPaths.Add(file.Path);
        MemoryCalls.Plan(call, task, plan);
        if (nr == SyscallNr.Shmat && call.Result.IsSuccess
            && replay.Segments.Missing((int)call[0].Number) is { } missing)
            plan.First.Add(missing);
    }

    // Of a call in which another thread's exit_group met it, strace shows that call's number, which lies where the
    // result is looked for.
    private bool IsCutShort(StraceEvent call)
    {
        List<StraceEvent> events = task.Script.Events;
        return call.Result is { IsSuccess: true, Value: (int)SyscallNr.ExitGroup }
            && task.Script.Next < events.Count && task.Script.HasEnd
            && events[task.Script.Next].Kind is StraceEventKind.Exited or StraceEventKind.Killed;
    }

    // Linux has these as it is configured for PCs. Where it answers ENOSYS all the same, the number was not the one
    // that strace names: it was that of the call in the x32 ABI, which is 64-bit code too and shown alike. So it is
    // with those that follow.
    private static bool IsAlwaysThere(SyscallNr nr) => nr is not (SyscallNr.Userfaultfd or SyscallNr.IoUringSetup
        or SyscallNr.IoUringEnter or SyscallNr.IoUringRegister or SyscallNr.MapShadowStack);

    // With MREMAP_DONTUNMAP alone the new address is a hint, which strace does not show: it may have been any that was
    // free, or none of a page.
    private static bool HidesHint(StraceEvent call)
    {
        const ulong fixedPlace = 2, keepsOld = 4;
        return (call.Result.IsSuccess || call.Result.Error == "EINVAL")
            && (call[3].Number & (fixedPlace | keepsOld)) == keepsOld;
    }

    private void TakeHints(StraceEvent call)
    {
        if (plan.Request.Nr == SyscallNr.Mremap && hints.NewAddress is { } address)
            plan.Request.A4 = address;
        else if (plan.Request.Nr == SyscallNr.Mremap && HidesHint(call))
            plan.Request.A4 = call.Result.IsSuccess ? (ulong)call.Result.Value : NoPage;
        foreach ((ulong read, ulong bytes) in hints.TracerReads)
            plan.First.Add(new SyscallRequest { Nr = TracerCalls.Read, A0 = read, A1 = bytes });
    }

    // Ends where the log says that the task has ended: its memory is there until then.
    private void PlanExit(StraceEvent call, SyscallNr nr)
    {
        task.ExitCode = (int)(call[0].Number & 0xff);
        exitNr = nr;
        hasExited = true;
        plan.Skip("acts where the log shows the task's end");
        if (!task.Script.HasEnd)
            task.Script.Next = task.Script.Events.Count;
    }

    private void PlanClone(StraceEvent call)
    {
        if (!call.Result.IsSuccess)
        {
            plan.Skip("a task that is not made");
            return;
        }

        CloneFlags flags = CloneCall.FlagsOf(call);
        int tid = (int)call.Result.Value;
        TaskScript script = replay.Scripts.ChildOf(call.Order) ?? new TaskScript(NumberOfUnseen(tid));
        if (script.Events.Count == 0)
            replay.Warn(call, $"no line of the task {tid} that it makes: it ends at once");
        if (script.Tid != tid)
            task.NumbersOfChildren[tid] = script.Tid;
        bool isThread = (flags & CloneFlags.Thread) != 0;
        bool sharesFiles = ((ulong)flags & CloneFiles) != 0;
        LoggedTask child = task.Child(script, isThread, (flags & CloneFlags.Vm) != 0, sharesFiles,
            ((ulong)flags & CloneFs) != 0);
        child.Guide = task.Guide?.Fork(call);
        replay.Begin(child);
        TaskCalls.PlanClone(
            call, new StraceProgram(replay, child, Comm, ImageSpec.Empty, null), script.Tid, plan);
        PidfdPlans.NoteClone(call, task, ref plan.Request);
    }

    // A task of another pid namespace that the log does not show must not take a number of those that it shows.
    private int NumberOfUnseen(int tid) => task.Script.HasOwnNumbers ? replay.NumberOfUnseen() : tid;

    private void PlanExec(StraceEvent call)
    {
        if (!call.Result.IsSuccess)
        {
            plan.Skip("an execve that fails");
            return;
        }

        string path = PathOfExec(call);
        ImageSpec image = ImageGuess.Make(task.Script, replay.Layouts.Find(path), replay.ProgramBase);
        task.Executed(task.Script.Events[^1].Tid);
        if (!task.Fs.IsCertain)
            task.Fs.Directory = WorkingDirectory.Find(task.Script, path) ?? task.Directory;
        task.Guide = null;
        foreach (IGuideSource source in replay.Guides)
            task.Guide ??= source.TryCreate(call);
        string comm = path[(path.LastIndexOf('/') + 1)..];
        plan.Make(new SyscallRequest
        {
            Nr = SyscallNr.Execve,
            Child = new StraceProgram(replay, task, comm, image, call),
        });
    }

    private string PathOfExec(StraceEvent call)
    {
        StraceValue value = call.Nr == (int)SyscallNr.Execve ? call[0] : call[1];
        string path = value.AsString() ?? "";
        return path.Length > 0 ? path : call[0].Label ?? "program";
    }

    private const ulong CloneFs = 0x200, CloneFiles = 0x400;
    private const ulong NoPage = 1;
    private const int OtherAbi = 0x4000_0000; // __X32_SYSCALL_BIT
}
