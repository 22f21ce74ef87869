using Akka.Actor;
using LinuxMem.Actors.Messages;

namespace LinuxMem.Actors.Cpu;

/// <summary>A CPU with its MMU: runs what the kernel grants, fetches batches from processes, reports once.</summary>
public sealed class MmuActor : UntypedActor
{
    private readonly CpuCore core;
    private readonly BatchExchange exchange;
    private readonly IActorRef self;
    private CpuSlot? slot;
    private IActorRef kernel = ActorRefs.Nobody;

    /// <summary>A CPU around its core.</summary>
    public MmuActor(CpuCore core)
    {
        this.core = core;
        self = Self; // a look-up in thread-local storage each time, twice a fault
        exchange = new BatchExchange { Cpu = self };
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case CpuSlot grant:
                slot = grant;
                kernel = Sender;
                Carry(core.Begin(grant), grant);
                break;
            case BatchExchange filled:
                slot!.Batch = filled.Batch;
                Carry(core.Continue(slot), slot);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Carry(CpuNeed need, CpuSlot current)
    {
        if (need == CpuNeed.Report)
        {
            slot = null;
            kernel.Tell(current, self);
            return;
        }

        exchange.Tid = current.Tid;
        exchange.NewProgram = current.NewProgram;
        exchange.Start = current.Start;
        exchange.Result = current.Result;
        exchange.Signals = current.Signals;
        exchange.Batch = core.EmptyBatch();
        current.NewProgram = null;
        current.Process!.Tell(exchange, self);
    }
}
