using LinuxMem.Actors.Auditing;
using LinuxMem.Actors.Messages;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.Filemap;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Rounds;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Actors.Kernel;

/// <summary>
/// Carries I/Os between the kernel and its block devices: hands in what was submitted, sets an alarm for the moment at
/// which a device has done something, and fetches it then.
/// </summary>
/// <remarks>
/// No I/O is over sooner than <see cref="BlockDeviceSettings.LeastServiceNs"/> after its submission, so that several
/// steps' I/Os travel in one exchange: it is due before the first step by whose time one of them could be over, and at
/// the end of the kernel phase. What a device does depends on the moments of the submissions alone, not on how they
/// travelled.
/// </remarks>
public sealed class DeviceLinks
{
    private readonly IoQueue io;
    private readonly Conductor conductor;
    private readonly IMachinePorts ports;
    private readonly EngineCounters counters;
    private readonly BlockExchange[] exchanges;
    private readonly long[] leastNs;
    private readonly MessageOrder[] orders;
    private readonly Mm.Kernel kernel;
    private long flusherNs = long.MaxValue;
    private long lateNs = long.MaxValue;
    private int outstanding;

    /// <summary>Of a machine's disks.</summary>
    public DeviceLinks(Mm.Kernel kernel, Conductor conductor, IReadOnlyList<BlockDeviceSettings> disks,
        IMachinePorts ports, EngineCounters counters)
    {
        this.kernel = kernel;
        io = kernel.Io;
        this.conductor = conductor;
        this.ports = ports;
        this.counters = counters;
        exchanges = new BlockExchange[disks.Count];
        leastNs = new long[disks.Count];
        orders = new MessageOrder[disks.Count];
        for (int i = 0; i < exchanges.Length; i++)
        {
            exchanges[i] = new BlockExchange(i);
            leastNs[i] = disks[i].LeastServiceNs;
            orders[i] = new MessageOrder();
        }
    }

    /// <summary>Whether a device has yet to answer: nothing may be served.</summary>
    public bool IsWaiting => outstanding > 0;

    private bool TellsRequests => kernel.Memory.Trace is not null;

    /// <summary>Whether I/Os have to be handed in before a step of that moment is served.</summary>
    public bool MustHandIn(long stepNs)
    {
        for (int i = 0; i < exchanges.Length; i++)
        {
            List<BlockIo> pending = io.Pending(i);
            // Who listens hears of requests when they begin.
            if (pending.Count > 0 && TellsRequests)
                return true;
            if (pending.Count > 0 && stepNs >= pending[0].SubmittedNs + leastNs[i])
                return true;
        }

        return false;
    }

    /// <summary>
    /// How far CPUs may run, when nothing can happen before <paramref name="earliestNs"/>: the flusher may take the
    /// right to write from any address space at its steps, and nobody runs past one that it could yet be woken for.
    /// </summary>
    public long BoundNs(long earliestNs) => exchanges.Length > 0
        ? ((earliestNs / Flusher.StepNs) + 1) * Flusher.StepNs : long.MaxValue;

    /// <summary>
    /// Sets the alarm for the flusher's next step. When every task has ended, nobody needs what it would write.
    /// </summary>
    public void PlanFlusher()
    {
        long nextNs = kernel.Tasks.LiveTasks == 0 ? long.MaxValue : kernel.Flusher.NextStepNs;
        if (nextNs == flusherNs)
            return;
        flusherNs = nextNs;
        conductor.Events.SetAlarm(EventKind.FlusherStep, 0, nextNs);
    }

    /// <summary>Sets the alarm for the next I/O that is held back.</summary>
    public void PlanLate()
    {
        if (io.NextLateNs == lateNs)
            return;
        lateNs = io.NextLateNs;
        conductor.Events.SetAlarm(EventKind.LateIo, 0, lateNs);
    }

    /// <summary>Its alarm: what was held back goes on.</summary>
    public void StepLate()
    {
        lateNs = long.MaxValue;
        io.ReleaseLate();
        kernel.SettleReclaim();
    }

    /// <summary>The flusher's alarm: it takes its step.</summary>
    public void StepFlusher(long atNs)
    {
        flusherNs = long.MaxValue;
        kernel.Flusher.Step(atNs);
    }

    /// <summary>Hands in what was submitted; false if nothing was.</summary>
    public bool HandIn()
    {
        int count = 0;
        for (int i = 0; i < exchanges.Length; i++)
            count += io.Pending(i).Count > 0 ? 1 : 0;
        if (count == 0)
            return false;
        // Counted before the first goes out: an answer may come back at once.
        outstanding = count;
        for (int i = 0; i < exchanges.Length; i++)
        {
            if (io.Pending(i).Count > 0)
                Send(i, conductor.ServedNs);
        }

        return true;
    }

    /// <summary>A device's alarm: fetches what it has done.</summary>
    public void Fetch(int device, long atNs)
    {
        outstanding = 1;
        Send(device, atNs);
    }

    /// <summary>
    /// A device has lost all that was under way to it; what it holds is as it was. Precondition: none has yet to
    /// answer.
    /// </summary>
    public void Crashed(int device)
    {
        io.Fail(device);
        conductor.Events.SetAlarm(EventKind.DeviceDone, device, long.MaxValue);
    }

    /// <summary>Takes a device's answer; what it has done is over now.</summary>
    public void OnAnswer(BlockExchange answer)
    {
        KernelBug.Assert(outstanding > 0, $"I49 violated: device {answer.Device} answers without an exchange");
        outstanding--;
        counters.DeviceAnswers++;
        orders[answer.Device].Take(answer.AnswerNumber);
        counters.DevicesOvertaken = 0;
        for (int i = 0; i < exchanges.Length; i++)
            counters.DevicesOvertaken += orders[i].Overtaken + exchanges[i].Overtaken;
        if (answer.Requests is { } requests)
            Tell(answer.Device, requests);
        foreach (BlockCompletion completion in answer.Completions)
        {
            KernelBug.Assert(completion.AtNs == conductor.ServedNs,
                $"I44 violated: I/O {completion.Io.Id} was over at {completion.AtNs} ns, not {conductor.ServedNs} ns");
            io.Complete(completion);
        }

        answer.Completions.Clear();
        io.SetCounts(answer.Device, answer.Counts);
        conductor.Events.SetAlarm(EventKind.DeviceDone, answer.Device, answer.NextEventNs);
    }

    // Linux: include/trace/events/block.h: block_rq_issue, block_rq_complete, v6.18.
    private void Tell(int device, List<RequestStep> requests)
    {
        Tracer trace = kernel.Memory.Trace!;
        foreach (RequestStep step in requests)
        {
            var told = default(TraceEvent);
            (told.AtNs, told.Cpu, told.Pid, told.Tid) = (step.AtNs, trace.Cpu, trace.Pid, trace.Tid);
            told.Point = step.Begins ? Tracepoint.BlockRqIssue : Tracepoint.BlockRqComplete;
            told.Numbers[0] = device;
            told.Numbers[1] = (int)step.Op;
            told.Numbers[2] = (long)step.Sector;
            told.Numbers[3] = step.Sectors;
            told.Numbers[4] = step.Number;
            told.Numbers[5] = (long)step.Sectors * BlockDeviceSettings.SectorBytes;
            trace.Tell(told);
        }

        requests.Clear();
    }

    private void Send(int device, long nowNs)
    {
        BlockExchange exchange = exchanges[device];
        if (TellsRequests)
            exchange.Requests ??= [];
        exchange.Number++;
        exchange.NowNs = nowNs;
        exchange.Submissions.AddRange(io.Pending(device));
        io.Pending(device).Clear();
        counters.DeviceExchanges++;
        ports.Exchange(exchange);
    }
}
