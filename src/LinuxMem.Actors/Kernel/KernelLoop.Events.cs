using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Locks;
using LinuxMem.Simulation.Rounds;

namespace LinuxMem.Actors.Kernel;

/// <content>What happens at moments of virtual time without any CPU asking for it.</content>
public sealed partial class KernelLoop
{
    // init tries again to start a process that there was no memory for, as often as the kernel takes its steps.
    private void PlanBirth(in TimedEvent due) => conductor.Events.Plan(
        Math.Max(due.AtNs + scenario.Machine.KernelCosts.KernelStepNs, kernel.RestsUntilNs), due.Kind, due.Argument);

    private void ServeEvent(TimedEvent due)
    {
        hasFreed = due.Kind == EventKind.GatherDone;
        history.AddEvent(due);
        choices?.Pass(history.Value);
        kernel.Memory.Faults?.Enter(OperationOf(due.Kind), null, due.AtNs, kernel.Memory.Allocator.IsBelowLow);
        trace?.Begin(due);
        switch (due.Kind)
        {
            case EventKind.StartProcess:
                if (ProcessBirth.Start(kernel, scenario, due) is { } born)
                    kernel.Woken.Add(born);
                else if (!ProcessBirth.IsKilled(kernel, due))
                    PlanBirth(due);
                break;
            case EventKind.WakeTask:
                kernel.WakeSleeper(due.Argument);
                break;
            case EventKind.FlusherStep:
                StepUnderLocks(due.AtNs, LockCall.Writeback, devices.StepFlusher);
                break;
            case EventKind.Hotplug:
                hotplug.Serve();
                break;
            case EventKind.KsmStep:
                StepUnderLocks(due.AtNs, LockCall.Ksm, ksm.Step);
                break;
            case EventKind.CsdTimeout:
                if (kernel.Memory.Coherence.Watch.Due(due.Argument, due.AtNs, kernel.Log))
                    kernel.StopSoon(isPanic: false, "a CPU waits for ever for another's answer");
                break;
            case EventKind.LockWake:
                kernel.WakeLockWaiters(due.Argument, due.AtNs);
                break;
            case EventKind.LateIo:
                devices.StepLate();
                break;
            case EventKind.DeviceDone:
                devices.Fetch(due.Argument, due.AtNs);
                return;
            case EventKind.KernelStep when due.Argument == StepGrid.Compaction:
                // Accesses that began before it are over, though some of them a moment later.
                contents.CommitBefore(long.MaxValue, int.MaxValue);
                steps.BeginCompaction(due.AtNs);
                StepUnderLocks(due.AtNs, LockCall.Compaction, kernel.MovePages);
                break;
            case EventKind.KernelStep:
                steps.Begin();
                kernel.Memory.Locks.EnterStep(due.AtNs, LockCall.Reclaim);
                if (!swap.Begin(kernel.Step(due.AtNs)))
                    EndStep();
                return;
            default:
                FreeGather(due);
                break;
        }

        dispatcher.PlaceWoken(due.AtNs);
        steps.Served(-1, due.AtNs);
    }

    private static FaultOperation OperationOf(EventKind kind) => kind switch
    {
        EventKind.StartProcess => FaultOperation.Start,
        EventKind.FlusherStep => FaultOperation.Writeback,
        EventKind.KernelStep => FaultOperation.KernelStep,
        _ => FaultOperation.Device,
    };

    private void StepUnderLocks(long atNs, short call, Action<long> step)
    {
        kernel.Memory.Locks.EnterStep(atNs, call);
        step(atNs);
        kernel.Memory.Locks.LeaveStep();
    }

    // Batches of frames that are free at one moment are freed one after the other, and swap is told of them at one go:
    // nothing that they do depends on its answer.
    private bool FreesMore() => hasFreed && conductor.Events.Count > 0
        && conductor.Events.Peek() is { Kind: EventKind.GatherDone } next && next.AtNs == conductor.ServedNs
        && kernel.Objects.Dead.Count == 0 && !grants.MustFlushFirst(-1);

    private void FreeGather(in TimedEvent due)
    {
        kernel.Memory.Locks.EnterStep(due.AtNs, LockCall.Free);
        kernel.Memory.FreeGather(kernel.Memory.Coherence.TakeParked(due.Argument));
        kernel.SettleReclaim();
        kernel.Memory.Locks.LeaveStep();
    }

    private void EndStep()
    {
        kernel.Memory.Locks.LeaveStep();
        dispatcher.PlaceWoken(conductor.ServedNs);
        steps.Served(-1, conductor.ServedNs);
    }
}
