namespace LinuxMem.Simulation.Tracing;

/// <summary>
/// Collects the events of a run and hands them to a sink, in blocks, sorted by virtual time.
/// </summary>
/// <remarks>
/// Who tells of something tells when it happens; most of it happens at the moment of the step that is served, some at
/// its end or later. What lies ahead waits until the machine has come there, so that the stream is in the order of
/// (virtual time, order of telling). It is a part of the kernel's history: threads and windows do not change it.
/// Memory: one block of <see cref="BlockEvents"/> events, and what lies ahead (some events for each CPU). Nothing is
/// allocated in the long run. Where no tracer is, nobody tells: every place asks <c>trace?.</c> first.
/// </remarks>
public sealed class Tracer
{
    /// <summary>Events of a block.</summary>
    public const int BlockEvents = 2048;

    private readonly ITraceSink sink;
    private readonly TraceEvent[] block = new TraceEvent[BlockEvents];
    private readonly PriorityQueue<TraceEvent, (long AtNs, long Sequence)> ahead = new();
    private long sequence;
    private int count;

    /// <summary>Of one machine.</summary>
    public Tracer(ITraceSink sink) => this.sink = sink;

    /// <summary>The tracer for a sink; null for none.</summary>
    public static Tracer? Of(ITraceSink? sink) => sink is null ? null : new Tracer(sink);

    /// <summary>The present: the moment of the step that is served.</summary>
    public long NowNs { get; private set; }

    /// <summary>The CPU that the step is of; -1 if the kernel acts by itself.</summary>
    public int Cpu { get; private set; } = -1;

    /// <summary>The process that the step is of; 0 for none.</summary>
    public int Pid { get; private set; }

    /// <summary>The task that the step is of, or one of <see cref="KernelThreads"/>.</summary>
    public int Tid { get; private set; }

    /// <summary>The address space that the step is of; 0 for none.</summary>
    public int MmId { get; private set; }

    /// <summary>Events told so far.</summary>
    public long Told => sequence;

    /// <summary>The machine has come to a moment: what was to happen before it is handed on.</summary>
    public void Advance(long nowNs)
    {
        while (ahead.TryPeek(out _, out (long AtNs, long Sequence) next) && next.AtNs <= nowNs)
            Add(ahead.Dequeue());
        NowNs = nowNs;
    }

    /// <summary>Says whose doing it is that is told from now on.</summary>
    public void Act(int cpu, int pid, int tid, int mmId = 0)
    {
        MmId = mmId;
        Cpu = cpu;
        Pid = pid;
        Tid = tid;
    }

    /// <summary>Something happens now, by whom <see cref="Act"/> named.</summary>
    public void Emit(Tracepoint point, long a = 0, long b = 0, long c = 0, long d = 0, string? text = null) =>
        EmitAt(NowNs, Cpu, Pid, Tid, point, a, b, c, d, text);

    /// <summary>The same, with a fifth number.</summary>
    public void Tell(Tracepoint point, long a, long b, long c, long d, long e) =>
        EmitAt(NowNs, Cpu, Pid, Tid, point, a, b, c, d, text: null, e);

    /// <summary>Something happens at a moment, not before the present, somewhere.</summary>
    public void EmitAt(long atNs, int cpu, int pid, int tid, Tracepoint point, long a = 0, long b = 0, long c = 0,
        long d = 0, string? text = null, long e = 0)
    {
        var told = default(TraceEvent);
        told.AtNs = atNs;
        told.Cpu = cpu;
        told.Pid = pid;
        told.Tid = tid;
        told.Point = point;
        told.Numbers[0] = a;
        told.Numbers[1] = b;
        told.Numbers[2] = c;
        told.Numbers[3] = d;
        told.Numbers[4] = e;
        told.Text = text;
        Tell(told);
    }

    /// <summary>Something happens: the event as a whole, for those with many numbers.</summary>
    public void Tell(in TraceEvent told)
    {
        KernelBug.Assert(told.AtNs >= NowNs, $"{told.Point} is told of {told.AtNs} ns at {NowNs} ns");
        sequence++;
        if (told.AtNs > NowNs)
            ahead.Enqueue(told, (told.AtNs, sequence));
        else
            Add(told);
    }

    /// <summary>Hands on everything that was told: the run is over, or as far as it comes.</summary>
    public void Flush()
    {
        Advance(long.MaxValue);
        Hand();
    }

    private void Add(in TraceEvent told)
    {
        if (count == BlockEvents)
            Hand();
        block[count++] = told;
    }

    private void Hand()
    {
        int full = count;
        count = 0;
        if (full > 0)
            sink.Take(block.AsSpan(0, full));
    }
}
