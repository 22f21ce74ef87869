using Akka.Actor;
using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Hosting;
using LinuxMem.Actors.Machine;
using LinuxMem.Actors.Messages;
using LinuxMem.Actors.Processes;
using LinuxMem.Actors.Wires;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Kernel;

/// <summary>
/// The kernel: passes messages to its loop and carries out what that sends. Processes are its children.
/// </summary>
public sealed class KernelActor : UntypedActor, IMachinePorts
{
    private readonly Dictionary<int, IActorRef> processes = [];
    private readonly CrashPlan? crashes;
    private readonly MachineWires? wires;
    private readonly ActorPort? port;
    private readonly SortedDictionary<string, (IActorRef Actor, object Message)> asked =
        new(StringComparer.Ordinal);
    private readonly IActorRef self;
    private readonly IActorRef machine;
    private readonly IActorRef[] cpus;
    private readonly IActorRef pageCache;
    private readonly IActorRef swap;
    private readonly IReadOnlyList<IActorRef> disks;
    private readonly MessageExecutor? executor;
    private readonly KernelLoop loop;
    private readonly bool wantsProgress;

    /// <summary>The kernel of a scenario's machine, with the actors that it works with.</summary>
    public KernelActor(Scenario scenario, IActorRef machine, IReadOnlyList<IActorRef> cpus, IActorRef pageCache,
        IActorRef swap, IReadOnlyList<IActorRef> disks, CrashPlan? crashes, RunOutcome outcome,
        MachineWires? wires)
    {
        this.wires = wires;
        port = wires?.For("kernel");
        this.crashes = crashes;
        self = Self;
        this.machine = machine;
        this.cpus = [.. cpus];
        this.pageCache = pageCache;
        this.swap = swap;
        this.disks = disks;
        executor = HostSetup.Of(Context.System.Settings)?.Executor;
        loop = new KernelLoop(scenario, this);
        wantsProgress = outcome.WantsProgress;
        outcome.Leave(loop);
    }

    /// <inheritdoc/>
    void IMachinePorts.Grant(CpuSlot slot) => Ask(cpus[slot.Cpu], slot);

    /// <inheritdoc/>
    void IMachinePorts.Ask(PageCacheRequest request) => Ask(pageCache, request);

    /// <inheritdoc/>
    void IMachinePorts.Exchange(BlockExchange exchange) => Ask(disks[exchange.Device], exchange);

    /// <inheritdoc/>
    void IMachinePorts.Swap(SwapExchange exchange) => Ask(swap, exchange);

    /// <inheritdoc/>
    IActorRef IMachinePorts.ProcessOf(TaskStruct task)
    {
        int pid = task.Group.Pid;
        if (!processes.TryGetValue(pid, out IActorRef? process))
            processes.Add(pid, process = Create($"p-{pid}"));
        return process;
    }

    /// <inheritdoc/>
    void IMachinePorts.Ended(ThreadGroup group)
    {
        if (processes.Remove(group.Pid, out IActorRef? process))
            Context.Stop(process);
    }

    /// <inheritdoc/>
    void IMachinePorts.Crash(CrashOrder order)
    {
        IActorRef actor = order.Kind switch
        {
            ActorKind.Cpu => cpus[order.Number],
            ActorKind.Process => processes[order.Number],
            ActorKind.PageCache => pageCache,
            ActorKind.Swap => swap,
            _ => disks[order.Number],
        };
        actor.Tell(order, self);
    }

    /// <inheritdoc/>
    void IMachinePorts.SpreadWork(bool pays)
    {
        if (executor is not null)
            executor.SpreadsWork = pays;
    }

    /// <inheritdoc/>
    bool IMachinePorts.WantsProgress => wantsProgress;

    /// <inheritdoc/>
    void IMachinePorts.Report(RunProgress progress) => machine.Tell(new RunGoesOn(progress), Self);

    /// <inheritdoc/>
    void IMachinePorts.Finished() => machine.Tell(new RunEnded(loop.Result!), Self);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (!ActorPort.Take(port, ref message))
            return;
        if (port is not null)
            asked.Remove(Sender.Path.Name);
        try
        {
            Take(message);
        }
        catch (MachineStallsException end)
        {
            loop.End(end);
        }
    }

    private void Take(object message)
    {
        switch (message)
        {
            case CpuSlot report:
                loop.OnReport(report);
                break;
            case PageCacheRequest answer:
                loop.OnPageCache(answer);
                break;
            case BlockExchange answer:
                loop.OnDevice(answer);
                break;
            case SwapExchange answer:
                loop.OnSwap(answer);
                break;
            case AskAgain:
                foreach ((IActorRef actor, object question) in asked.Values.ToArray())
                    Ask(actor, question);
                break;
            case NobodyAnswers end:
                throw new MachineStallsException(end.Reason);
            case CrashOrder order:
                loop.OnRestarted(order);
                break;
            case PowerOn:
                loop.Start();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Ask(IActorRef actor, object question)
    {
        if (port is not null)
            asked[actor.Path.Name] = (actor, question);
        ActorPort.Post(port, actor, question, self);
    }

    // The programs are made here and handed in: they outlive a crash of the actor.
    private IActorRef Create(string name) => Context.ActorOf(
        Akka.Actor.Props.Create(
            typeof(ProcessActor), new ProcessPrograms(), crashes?.For(name), wires?.For(name)), name);

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => MachineSupervision.Strategy;
}
