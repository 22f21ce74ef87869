using LinuxMem.Simulation.Locks;
using LinuxMem.Simulation.Rounds;

namespace LinuxMem.Actors.Kernel;

/// <summary>Sets the alarms at which tasks that sleep for a lock wake: when who has it lets it go.</summary>
public sealed class LockAlarms
{
    private readonly Mm.Kernel kernel;
    private readonly Conductor conductor;

    /// <summary>Of a machine.</summary>
    public LockAlarms(Mm.Kernel kernel, Conductor conductor)
    {
        this.kernel = kernel;
        this.conductor = conductor;
    }

    /// <summary>Sets the alarms of the locks that have changed; at once for those that are free already.</summary>
    public void Plan()
    {
        List<RwSemaphore> changed = kernel.Memory.Locks.ToPlan;
        if (changed.Count == 0)
            return;
        foreach (RwSemaphore mmap in changed)
        {
            mmap.PlannedNs = mmap.NextWakeNs;
            conductor.Events.SetAlarm(EventKind.LockWake, mmap.Owner, Math.Max(mmap.PlannedNs, conductor.ServedNs));
        }

        changed.Clear();
    }
}
