using LinuxMem.Actors.Messages;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Actors.Kernel;

/// <content>What a trap is: what a CPU reported, or what a task goes on with that slept in it.</content>
public sealed partial class KernelLoop
{
    private void Take(CpuSlot slot)
    {
        trap.GoesOn = false;
        trap.InHand = Pfn.None;
        switch (slot.Stop)
        {
            case CpuStop.PageFault:
                trap.Kind = TrapKind.PageFault;
                trap.Address = slot.Fault.Address.Value;
                trap.Access = slot.Fault.Kind;
                trap.NonCanonical = slot.Fault.NonCanonical;
                trap.IsPresent = slot.Fault.Present;
                break;
            case CpuStop.Syscall:
                trap.Kind = TrapKind.Syscall;
                trap.Request = slot.Request;
                break;
            default:
                trap.Kind = TrapKind.SliceEnd;
                break;
        }
    }

    // The task has not been in its program since the trap began.
    private void GoOn(TaskStruct task, in UnfinishedTrap unfinished)
    {
        task.Unfinished = null;
        trap.Kind = unfinished.Kind;
        trap.Address = unfinished.Address;
        trap.Access = unfinished.Access;
        trap.NonCanonical = false;
        trap.IsPresent = unfinished.IsPresent;
        trap.GoesOn = true;
        trap.InHand = unfinished.Page;
        trap.Request = unfinished.Request;
    }
}
