using Akka.Actor;
using LinuxMem.Actors.Cpu;
using LinuxMem.Actors.Files;
using LinuxMem.Actors.Hosting;
using LinuxMem.Actors.Kernel;
using LinuxMem.Actors.Messages;
using LinuxMem.Mm.Filemap;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Machine;

/// <summary>
/// The machine: makes its parts, switches it on, supervises, and tells its owner how it goes and how it ends.
/// </summary>
public sealed class MachineActor : UntypedActor
{
    private readonly Scenario scenario;
    private readonly RunOutcome outcome;

    /// <summary>The machine of a scenario; its owner reads the outcome.</summary>
    public MachineActor(Scenario scenario, RunOutcome outcome)
    {
        this.scenario = scenario;
        this.outcome = outcome;
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case PowerOn:
                Boot();
                break;
            case RunGoesOn news:
                outcome.GoesOn(news.Progress);
                break;
            case RunEnded end:
                outcome.Ended(end.Result);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => MachineSupervision.Strategy;

    private void Boot()
    {
        int pageShift = scenario.Machine.Paging.PageShift;
        var cpus = new IActorRef[scenario.Machine.Cpus];
        for (int cpu = 0; cpu < cpus.Length; cpu++)
            cpus[cpu] = Context.ActorOf(Props.Create(() => new MmuActor(new CpuCore(pageShift))), $"cpu-{cpu}");
        IActorRef pageCache = Context.ActorOf(Props.Create(() => new PageCacheActor(new PageCache())), "page-cache");
        IActorRef self = Self;
        IActorRef kernel = Context.ActorOf(Props.Create(() =>
            new KernelActor(scenario, self, cpus, pageCache)), "kernel");
        kernel.Tell(new PowerOn(), Self);
    }
}
