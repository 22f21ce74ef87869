using LinuxMem.Actors.Kernel;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Actors.Crashes;

/// <summary>
/// Crashes of actors that change what a run comes to, each with the meaning that the crash of such a part has. They are
/// asked for in the kernel phase, and strike behind the step that is served, when nothing is under way between actors.
/// </summary>
internal sealed class ActorCrashes
{
    private readonly FaultInjector injector;
    private readonly IMachinePorts ports;
    private readonly string pattern;
    private readonly IReadOnlyList<string> disks;
    private readonly Queue<CrashOrder> due = new();

    private ActorCrashes(FaultInjector injector, IMachinePorts ports, IReadOnlyList<string> disks)
    {
        this.injector = injector;
        this.ports = ports;
        this.disks = disks;
        pattern = injector.RuleOf(FaultPoint.ActorCrash).Value("actor");
    }

    /// <summary>Those of a machine with disks of these names; null if none is to be.</summary>
    public static ActorCrashes? Of(FaultInjector? injector, IMachinePorts ports, IReadOnlyList<string> disks) =>
        injector is not null && injector.IsOn(FaultPoint.ActorCrash) ? new ActorCrashes(injector, ports, disks) : null;

    /// <summary>Whether an actor is being restarted: nothing may be served.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Whether the page cache is made anew after a crash, rather than that the kernel panics.</summary>
    public bool Rebuilds => injector.RuleOf(FaultPoint.ActorCrash).Value("page-cache") == "rebuild";

    /// <summary>A trap of a task on a CPU has been served.</summary>
    public void Served(int cpu, TaskStruct task)
    {
        Pass(FaultSite.CpuActor, $"cpu-{cpu}", ActorKind.Cpu, cpu);
        Pass(FaultSite.ProcessActor, $"p-{task.Group.Pid}", ActorKind.Process, task.Group.Pid);
        Pass(FaultSite.KernelActor, "kernel", ActorKind.Kernel, 0);
    }

    /// <summary>The page cache is asked something.</summary>
    public void AsksPageCache() => Pass(FaultSite.PageCacheActor, "page-cache", ActorKind.PageCache, 0);

    /// <summary>The owner of swap is asked something.</summary>
    public void AsksSwap() => Pass(FaultSite.SwapActor, "swap", ActorKind.Swap, 0);

    /// <summary>An I/O has been submitted to a disk.</summary>
    public void Submits(int disk) => Pass(FaultSite.DiskActor, $"disk-{disks[disk]}", ActorKind.Disk, disk);

    /// <summary>Has the next actor crash that is to; false if none is.</summary>
    /// <param name="isAlive">Whether a process has not ended.</param>
    /// <param name="panics">Has the kernel panic, since it is its turn, or that of what it cannot do without.</param>
    public bool TryStrike(Func<int, bool> isAlive, Action<string> panics)
    {
        while (due.TryDequeue(out CrashOrder? order))
        {
            switch (order.Kind)
            {
                case ActorKind.Process when !isAlive(order.Number):
                    continue;
                case ActorKind.Kernel:
                    panics("Fatal exception");
                    continue;
                case ActorKind.Swap:
                    panics("The swap map is lost");
                    continue;
                case ActorKind.PageCache when !Rebuilds:
                    panics("The page cache is lost");
                    continue;
            }

            IsWaiting = true;
            ports.Crash(order);
            return true;
        }

        return false;
    }

    /// <summary>The actor has been restarted.</summary>
    public void Restarted(CrashOrder order)
    {
        KernelBug.Assert(IsWaiting, $"I49 violated: {order.Kind} {order.Number} was restarted without an order");
        IsWaiting = false;
    }

    private void Pass(FaultSite site, string name, ActorKind kind, int number)
    {
        if (FaultNumbers.Matches(pattern, name) && injector.Fails(site, 1, FaultTraits.None, name))
            due.Enqueue(new CrashOrder(kind, number));
    }
}
