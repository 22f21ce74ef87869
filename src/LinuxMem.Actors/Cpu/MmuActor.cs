using Akka.Actor;
using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Messages;

namespace LinuxMem.Actors.Cpu;

/// <summary>A CPU with its MMU: runs what the kernel grants, fetches batches from processes, reports once.</summary>
public sealed class MmuActor : UntypedActor
{
    private readonly CpuCore core;
    private readonly BatchExchange exchange;
    private readonly IActorRef self;
    private readonly CrashPoint? crash;

    /// <summary>A CPU around its core, which lives longer than the actor.</summary>
    public MmuActor(CpuCore core, CrashPoint? crash)
    {
        this.core = core;
        this.crash = crash;
        self = Self; // a look-up in thread-local storage each time, twice a fault
        exchange = new BatchExchange { Cpu = self };
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case CpuSlot grant:
                crash?.Before();
                grant.Kernel ??= Sender; // the kernel is one for the run, and the sender a look-up as well
                Carry(core.Begin(grant));
                break;
            case BatchExchange filled:
                crash?.Before();
                Carry(core.Continue(filled));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void PreRestart(Exception reason, object message) => self.Tell(message, Sender);

    private void Carry(CpuNeed need)
    {
        crash?.After();
        CpuSlot slot = core.Slot!;
        if (need == CpuNeed.Report)
        {
            core.Reported();
            slot.Kernel!.Tell(slot, self);
            return;
        }

        exchange.Tid = slot.Tid;
        exchange.NewProgram = slot.NewProgram;
        exchange.Start = slot.Start;
        exchange.Result = slot.Result;
        exchange.Signals = slot.Signals;
        exchange.Batch = core.EmptyBatch();
        exchange.IsFilled = false;
        slot.NewProgram = null;
        slot.Process!.Tell(exchange, self);
    }
}
