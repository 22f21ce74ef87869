#pragma warning disable CS1591 // Each says by its texts what it is; 'linuxmem faults' prints them.
namespace LinuxMem.Simulation.Faults;

/// <content>The actors that the machine is made of. No fault of Linux's.</content>
public sealed partial class FaultSite
{
    private const string Ours = "none: an actor of this machine";

    public static readonly FaultSite CpuActor = new(FaultPoint.ActorCrash, "cpu_actor", Ours,
        "passed at each trap of the CPU; its TLB is empty");

    public static readonly FaultSite ProcessActor = new(FaultPoint.ActorCrash, "process_actor", Ours,
        "passed at each trap of the process; SIGKILL");

    public static readonly FaultSite PageCacheActor = new(FaultPoint.ActorCrash, "page_cache_actor", Ours,
        "passed at each question; EIO for what is under way, then it is made anew");

    public static readonly FaultSite SwapActor = new(FaultPoint.ActorCrash, "swap_actor", Ours,
        "passed at each question; panic: nothing else knows which slots are in use");

    public static readonly FaultSite DiskActor = new(FaultPoint.ActorCrash, "disk_actor", Ours,
        "passed at each I/O; EIO for what is under way");

    public static readonly FaultSite KernelActor = new(FaultPoint.ActorCrash, "kernel_actor", Ours,
        "passed at each trap; panic");

    public static readonly FaultSite LoseMessage = new(FaultPoint.MessageLoss, "lose_message", Ours,
        "it is asked again");

    public static readonly FaultSite DoubleMessage = new(FaultPoint.MessageTwice, "double_message", Ours,
        "the second is left");

    public static readonly FaultSite HoldMessage = new(FaultPoint.MessageLate, "hold_message", Ours,
        "it is waited for");
}
