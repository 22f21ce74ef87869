using LinuxMem.Actors.Messages;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Actors.Kernel;

/// <summary>What the kernel sends: the actor turns it into messages, a test into a list.</summary>
public interface IMachinePorts
{
    /// <summary>Hands a CPU its slot: it runs.</summary>
    void Grant(CpuSlot slot);

    /// <summary>Asks the page cache; the answer comes to <see cref="KernelLoop.OnPageCache"/>.</summary>
    void Ask(PageCacheRequest request);

    /// <summary>Hands I/Os to a block device; the answer comes to <see cref="KernelLoop.OnDevice"/>.</summary>
    void Exchange(BlockExchange exchange);

    /// <summary>Tells and asks the owner of swap; the answer comes to <see cref="KernelLoop.OnSwap"/>.</summary>
    void Swap(SwapExchange exchange);

    /// <summary>The actor of a task's process, made at the first call.</summary>
    Akka.Actor.IActorRef ProcessOf(TaskStruct task);

    /// <summary>A process has ended: its actor may go.</summary>
    void Ended(ThreadGroup group);

    /// <summary>
    /// Has an actor crash; when it has been restarted, the order comes to <see cref="KernelLoop.OnRestarted"/>.
    /// </summary>
    void Crash(Crashes.CrashOrder order);

    /// <summary>
    /// Whether what CPUs do side by side is worth other threads' while (<see cref="RoundWork"/>); a matter of speed.
    /// </summary>
    void SpreadWork(bool pays);

    /// <summary>Whether anybody asks how the run goes on.</summary>
    bool WantsProgress { get; }

    /// <summary>The run goes on.</summary>
    void Report(RunProgress progress);

    /// <summary>The run has ended; <see cref="KernelLoop.Result"/> tells how.</summary>
    void Finished();
}
