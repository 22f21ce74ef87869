using Akka.Actor;
using LinuxMem.Actors.Cpu;
using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Files;
using LinuxMem.Actors.Hosting;
using LinuxMem.Actors.Kernel;
using LinuxMem.Actors.Messages;
using LinuxMem.Actors.Wires;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.Swap;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Machine;

/// <summary>
/// The machine: makes its parts, switches it on, supervises, and tells its owner how it goes and how it ends.
/// </summary>
public sealed class MachineActor : UntypedActor
{
    private readonly Scenario scenario;
    private readonly RunOutcome outcome;
    private readonly CrashPlan? crashes;
    private readonly MachineWires? wires;

    /// <summary>
    /// The machine of a scenario; its owner reads the outcome. Crashes may be planned, and messages go astray.
    /// </summary>
    public MachineActor(Scenario scenario, RunOutcome outcome, CrashPlan? crashes, MachineWires? wires)
    {
        this.wires = wires;
        this.crashes = crashes;
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
            cpus[cpu] = Create<MmuActor>($"cpu-{cpu}", new CpuCore(pageShift));
        IActorRef pageCache = Create<PageCacheActor>("page-cache", new PageCacheServer());
        IActorRef swap = Create<SwapActor>("swap", new SwapServer(scenario.Machine.Swap, scenario.Machine.Mutant));
        var disks = new IActorRef[scenario.Machine.Disks.Count];
        for (int i = 0; i < disks.Length; i++)
        {
            BlockDeviceSettings settings = scenario.Machine.Disks[i];
            var device = new BlockDevice(settings, RandomStream.Derive(scenario.Seed, "disk", (ulong)i),
                scenario.Machine.FirstSwapSectorOf(i));
            disks[i] = Create<BlockDeviceActor>($"disk-{settings.Name}", new BlockDeviceServer(device));
        }

        IActorRef kernel = Context.ActorOf(
            Props.Create(typeof(KernelActor), scenario, Self, cpus, pageCache, swap, disks, crashes, outcome, wires),
            "kernel");
        if (wires is not null)
            wires.Kernel = kernel;
        kernel.Tell(new PowerOn(), Self);
    }

    // What the actor works on is made here and handed in: it outlives a crash of the actor.
    private IActorRef Create<TActor>(string name, object work)
        where TActor : ActorBase =>
        Context.ActorOf(Props.Create(typeof(TActor), work, crashes?.For(name), wires?.For(name)), name);
}
