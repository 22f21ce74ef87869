using LinuxMem.Abi;
using LinuxMem.Mm.Futexes;
using LinuxMem.Mm.Signals;
using LinuxMem.Mm.Syscalls.User.Futexes;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Simulation.Mutants;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tasks;

/// <summary>Ends tasks, and with the last one their process; wait4.</summary>
/// <remarks>Linux: kernel/exit.c: do_exit, do_wait, v6.18.</remarks>
public sealed class TaskExit
{
    /// <summary>WNOWAIT: the child stays to be waited for.</summary>
    public const ulong NoReap = 0x0100_0000;

    private const ulong ForEnds = 4; // WEXITED
    private readonly TaskTable table;
    private readonly MmUsers users;
    private readonly KernelStore stores;
    private readonly KernelCosts costs;
    private readonly List<TaskStruct> woken;

    /// <summary>Over one machine; tasks that wake up are added to <paramref name="woken"/>.</summary>
    public TaskExit(
        TaskTable table, MmUsers users, KernelStore stores, KernelCosts costs, List<TaskStruct> woken,
        FutexTable futexes)
    {
        Futexes = futexes;
        this.stores = stores;
        this.table = table;
        this.users = users;
        this.costs = costs;
        this.woken = woken;
    }

    /// <summary>Who waits for which futex: a thread's end wakes who joins it.</summary>
    public FutexTable Futexes { get; }

    /// <summary>What tasks say of the locks that they have; set once, at boot.</summary>
    public RobustLists? RobustLists { get; set; }

    /// <summary>Tells parents of the end of their children; set once, at boot.</summary>
    public SignalSender? Signals { get; set; }

    /// <summary>Ends a task: it gives up its address space, and its process ends with the last.</summary>
    public void Exit(TaskStruct task, TrapPoint at, ref WorkCost cost)
    {
        cost.FixedNs += costs.ExitNs;
        task.State = TaskState.Dead;
        task.Group.Uid = task.Credentials.Uid;
        task.Batch = null;
        task.Suspended?.Steps?.Dispose();
        task.Suspended = null;
        task.Files.Release();
        ReleaseFutexes(task, at);
        ClearTid(task, at, ref cost);
        users.Drop(task, task.Mm, at, ref cost);
        ReleaseVforkParent(task);
        if (table.Remove(task))
            EndGroup(task.Group, at.NowNs);
    }

    /// <summary>Locks that a task has, as far as the kernel knows or is told, go to others: it ends or execs.</summary>
    /// <remarks>Linux: kernel/futex/core.c: futex_exit_release, futex_exec_release, v6.18.</remarks>
    public void ReleaseFutexes(TaskStruct task, TrapPoint at)
    {
        RobustLists?.Release(task, at);
        Futexes.Bequeath(task);
    }

    // Who joins a thread waits for its tid to become 0. Linux: kernel/fork.c: mm_release, v6.18.
    private void ClearTid(TaskStruct task, TrapPoint at, ref WorkCost cost)
    {
        const int tidBytes = 4;
        if (task.ClearChildTid != 0 && task.Mm.Users > 1)
        {
            stores.Touch(task, task.Mm, task.ClearChildTid, tidBytes, at, ref cost);
            Futexes.Wake(FutexAddress.KeyOf(task.Mm, task.ClearChildTid, isPrivate: false), 1);
        }

        task.ClearChildTid = 0;
    }

    /// <summary>The parent that waits in vfork goes on: the child exits or has a new image.</summary>
    public void ReleaseVforkParent(TaskStruct task)
    {
        TaskStruct? parent = task.VforkParent;
        task.VforkParent = null;
        if (parent is { State: TaskState.WaitingForVfork })
            Wake(parent, new SyscallResult(task.Group.Pid));
    }

    /// <summary>
    /// Marks every task of a process but the caller to end at its next entry into the kernel; sleepers wake for it.
    /// </summary>
    /// <remarks>Linux: kernel/signal.c: zap_other_threads, complete_signal, v6.18.</remarks>
    public void EndOthers(ThreadGroup group, TaskStruct? caller)
    {
        foreach (TaskStruct task in group.Tasks)
        {
            if (task == caller)
                continue;
            task.GroupExiting = true;
            if (task.EndsNow && task.State is not (TaskState.Runnable or TaskState.Dead))
                Wake(task, SyscallResult.Fail(Errno.EINTR));
        }
    }

    /// <summary>
    /// wait4: reaps a dead child and returns its pid; ECHILD if there is none to wait for. False, and nothing returned,
    /// if the caller must wait.
    /// </summary>
    public bool TryWait(TaskStruct task, int pid, ulong options, out SyscallResult result) =>
        TryWait(task, pid, options, out result, out _);

    /// <summary>The same; <paramref name="found"/> is the child that has ended, null if none is returned.</summary>
    public bool TryWait(
        TaskStruct task, int pid, ulong options, out SyscallResult result, out ThreadGroup? found)
    {
        bool any = false;
        found = null;
        foreach (ThreadGroup child in task.Group.Children)
        {
            if (!IsEligible(task.Group, child, pid, options))
                continue;
            any = true;
            if (!child.IsDead || (options & ForEnds) == 0)
                continue;
            if ((options & NoReap) == 0)
                Reap(task.Group, child);
            result = new SyscallResult(child.Pid);
            found = child;
            return true;
        }

        result = any ? default : SyscallResult.Fail(Errno.ECHILD);
        return !any;
    }

    private void Reap(ThreadGroup parent, ThreadGroup child)
    {
        if (Futexes.Mutant != Mutant.M134)
            parent.Children.Remove(child);
        child.WasWaitedFor = true;
        parent.Reaped = parent.Reaped.With(child);
    }

    // Linux: kernel/exit.c: eligible_child, v6.18.
    private static bool IsEligible(ThreadGroup waiter, ThreadGroup child, int pid, ulong options)
    {
        const ulong all = 0x4000_0000, clone = 0x8000_0000;
        if (pid > 0 && child.Pid != pid)
            return false;
        if ((pid == 0 && child.Pgid != waiter.Pgid) || (pid < -1 && child.Pgid != -pid))
            return false;
        return (options & all) != 0 || (child.DeathSignal != Signal.SigChld) == ((options & clone) != 0);
    }

    /// <summary>Makes a blocked task runnable with the result of the call it is in.</summary>
    public void Wake(TaskStruct task, SyscallResult result)
    {
        if (task.Suspended is { } call)
        {
            call.IsInterrupted = result.Errno == Errno.EINTR;
            task.WakeToRetry(woken);
            return;
        }

        task.State = TaskState.Runnable;
        task.Result = result;
        woken.Add(task);
    }

    private void EndGroup(ThreadGroup group, long nowNs)
    {
        group.EndNs = nowNs;
        foreach (ThreadGroup child in group.Children)
            child.Parent = null; // init adopts, and reaps at once
        group.Children.Clear();
        if (group.Parent is not { } parent)
            return;
        if (parent.Handlers.ReapsChildren)
        {
            parent.Children.Remove(group);
            group.WasWaitedFor = true;
        }

        WakeWaiter(group, parent);
        bool killed = group.ExitSignal != Signal.None;
        var code = killed ? SignalCode.CldKilled : SignalCode.CldExited;
        if (group.DeathSignal != Signal.None)
            Signals?.Send(parent, new SignalInfo(group.DeathSignal, code, (ulong)group.Pid), null);
    }

    private void WakeWaiter(ThreadGroup group, ThreadGroup parent)
    {
        foreach (TaskStruct waiter in parent.Tasks)
        {
            if (waiter.State != TaskState.WaitingForChild
                || !IsEligible(parent, group, waiter.WaitPid, waiter.WaitOptions))
                continue;
            if (parent.Handlers.ReapsChildren)
            {
                // Nobody is told of a child that is reaped at once; who waits, waits for the last.
                if (parent.Children.Count == 0)
                    Wake(waiter, SyscallResult.Fail(Errno.ECHILD));
                continue;
            }

            if ((waiter.WaitOptions & ForEnds) == 0)
                continue;
            // Who has something to write goes on with its call, and looks for itself.
            if ((waiter.WaitOptions & NoReap) == 0 && waiter.Suspended is null)
                Reap(parent, group);
            Wake(waiter, waiter.WaitReturnsZero ? default : new SyscallResult(group.Pid));
            return;
        }
    }
}
