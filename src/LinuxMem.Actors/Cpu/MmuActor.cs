using Akka.Actor;
using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Messages;
using LinuxMem.Actors.Wires;

namespace LinuxMem.Actors.Cpu;

/// <summary>A CPU with its MMU: runs what the kernel grants, fetches batches from processes, reports once.</summary>
public sealed class MmuActor : UntypedActor
{
    private readonly CpuCore core;
    private readonly BatchExchange exchange;
    private readonly IActorRef self;
    private readonly CrashPoint? crash;
    private readonly ActorPort? port;
    private bool hasAsked;

    /// <summary>A CPU around its core, which lives longer than the actor.</summary>
    public MmuActor(CpuCore core, CrashPoint? crash, ActorPort? port)
    {
        this.port = port;
        this.core = core;
        this.crash = crash;
        self = Self; // a look-up in thread-local storage each time, twice a fault
        exchange = new BatchExchange { Cpu = self };
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (!ActorPort.Take(port, ref message))
            return;
        switch (message)
        {
            case CpuSlot grant:
                crash?.Before();
                grant.Kernel ??= Sender; // the kernel is one for the run, and the sender a look-up as well
                Carry(core.Begin(grant));
                break;
            case BatchExchange filled:
                crash?.Before();
                hasAsked = false;
                Carry(core.Continue(filled));
                break;
            case CrashOrder order:
                order.Strike();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void PreRestart(Exception reason, object message) =>
        CrashOrder.BeforeRestart(message, self, Sender);

    private void Carry(CpuNeed need)
    {
        crash?.After();
        CpuSlot slot = core.Slot!;
        if (need == CpuNeed.Report)
        {
            core.Reported();
            ActorPort.Post(port, slot.Kernel!, slot, self);
            return;
        }

        // The kernel has asked again: the question or its answer was lost, and is what it was.
        if (hasAsked)
        {
            ActorPort.Post(port, slot.Process!, exchange, self);
            return;
        }

        hasAsked = true;
        exchange.Tid = slot.Tid;
        exchange.NewProgram = slot.NewProgram;
        exchange.Start = slot.Start;
        exchange.Result = slot.Result;
        exchange.Signals = slot.Signals;
        exchange.Batch = core.EmptyBatch();
        exchange.IsFilled = false;
        slot.NewProgram = null;
        ActorPort.Post(port, slot.Process!, exchange, self);
    }
}
