using LinuxMem.Reporting.Events;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Reporting.Timeline;

/// <summary>
/// Writes a run as a trace of Chrome's format, which ui.perfetto.dev and chrome://tracing open: a track for each CPU,
/// task, disk and kernel thread; calls, faults and waits as spans; memory and faults as counters.
/// </summary>
/// <remarks>
/// Trace Event Format, JSON object form; times in microseconds of virtual time, with three decimals. Spans of a track
/// are complete events ("X") and nest; I/Os are asynchronous ("b", "e") and pair up by id; an arrow ("s", "f") goes
/// from who had a lock to who waited for it. Written as the run goes on.
/// </remarks>
public sealed class ChromeTrace : TaskTimeline
{
    // Numbers that no process has (PID_MAX_LIMIT is 4194304).
    private const int CpuTracks = 5_000_000;
    private const int KernelTracks = 6_000_000;
    private const int DiskTracks = 7_000_000;
    private const int MemoryTracks = 8_000_000;
    private static readonly string[] SpanNames =
        ["", "", "lock", "runnable", "sleep", "wait for disk", "wait for memory", "tlb shootdown"];

    private readonly LineBuffer line;
    private readonly TaskNames names = new();
    private readonly HashSet<(int Pid, int Tid)> tracks = [];
    private readonly Dictionary<int, (int Tid, long SinceNs)> running = [];
    private readonly Dictionary<int, (long FromNs, long ToNs)> ended = []; // by task, its last call or fault
    private readonly SpanEvents spans;
    private long kswapdNs = -1;
    private readonly SortedDictionary<long, long> compactions = [];
    private long flows;
    private long faults;

    /// <summary>A trace that goes to a stream, which stays open.</summary>
    public ChromeTrace(Stream stream)
    {
        line = new LineBuffer(stream);
        spans = new SpanEvents(line, names);
        line.Add("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"u8);
        Group(CpuTracks, "CPUs", -4);
        Group(KernelTracks, "kernel", -3);
        Group(DiskTracks, "disks", -2);
        Group(MemoryTracks, "memory", -1);
        spans.Meta("thread_name", KernelTracks, KernelTracks, "kswapd0");
        spans.Meta("thread_name", KernelTracks, KernelTracks + 1, "compaction");
    }

    /// <inheritdoc/>
    protected override void Did(TaskTime task, string? fault, in TaskStretch stretch)
    {
        if (stretch.Phase is TaskPhase.User or TaskPhase.Kernel)
            return;
        Track(task);
        if (stretch.Phase == TaskPhase.Lock)
        {
            WaitedForLock(task, stretch);
            return;
        }

        spans.Complete(SpanNames[(int)stretch.Phase], "wait", task.Pid, task.Tid, stretch.FromNs, stretch.ToNs);
    }

    /// <inheritdoc/>
    protected override void Ended(TaskTime task, string name, long fromNs)
    {
        Track(task);
        ended[task.Tid] = (fromNs, NowNs);
        bool isFault = name.StartsWith("page_fault ", StringComparison.Ordinal);
        spans.Complete(name, isFault ? "fault" : "syscall", task.Pid, task.Tid, fromNs, NowNs);
    }

    /// <inheritdoc/>
    protected override void Saw(in TraceEvent told)
    {
        names.Learn(told);
        switch (told.Point)
        {
            case Tracepoint.SchedSwitch:
                EndRunning(told.Cpu);
                if (told.Numbers[1] != 0)
                    running[told.Cpu] = ((int)told.Numbers[1], told.AtNs);
                break;
            case Tracepoint.BlockBioQueue or Tracepoint.BlockBioComplete:
                bool begins = told.Point == Tracepoint.BlockBioQueue;
                spans.Async(begins ? 'b' : 'e', told.Numbers[1] == 0 ? "read" : "write", "block", DiskTracks, told);
                break;
            case Tracepoint.BlockRqIssue or Tracepoint.BlockRqComplete:
                bool issues = told.Point == Tracepoint.BlockRqIssue;
                string way = told.Numbers[1] == 0 ? "read request" : "write request";
                spans.Async(issues ? 'b' : 'e', way, "request" + told.Numbers[0], DiskTracks, told);
                break;
            case Tracepoint.CompactionBegin:
                compactions[told.Numbers[0]] = told.AtNs;
                break;
            case Tracepoint.CompactionEnd:
                EndCompaction(told.Numbers[0]);
                break;
            case Tracepoint.KswapdWake:
                kswapdNs = told.AtNs;
                break;
            case Tracepoint.KswapdSleep:
                EndKswapd();
                break;
            case Tracepoint.MemorySample:
                Sample(told);
                break;
            case Tracepoint.TlbFlush when told.Cpu >= 0:
                NameCpu(told.Cpu);
                spans.Instant("tlb flush", CpuTracks, CpuTracks + 1 + told.Cpu, told);
                break;
            case Tracepoint.MarkVictim or Tracepoint.SignalGenerate or Tracepoint.InjectedFault
                or Tracepoint.SchedProcessFork or Tracepoint.SchedProcessExec or Tracepoint.SchedProcessExit
                or Tracepoint.CompactionMigratePages or Tracepoint.DirectReclaimEnd or Tracepoint.LruShrink
                or Tracepoint.Note:
                Mark(told);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void Finish()
    {
        foreach (int cpu in running.Keys.Order().ToList())
            EndRunning(cpu);
        EndKswapd();
        foreach (long zone in compactions.Keys.ToList())
            EndCompaction(zone);
        spans.End();
        line.Add("\n]}\n"u8);
        line.Flush();
    }

    // Zones are compacted one after the other, each in turn for all who wait: spans of two may meet, but not overlap
    // by halves, since a step ends for all of them alike.
    private void EndCompaction(long zone)
    {
        if (compactions.Remove(zone, out long fromNs))
            spans.Complete("compaction", "compaction", KernelTracks, KernelTracks + 1, fromNs, NowNs);
    }

    private void WaitedForLock(TaskTime task, in TaskStretch stretch)
    {
        string name = "lock " + stretch.Lock;
        int? holder = stretch.Holder == 0 ? null : stretch.Holder;
        spans.Complete(name, "wait", task.Pid, task.Tid, stretch.FromNs, stretch.ToNs, holder, "holder");
        if (!Tasks.TryGetValue(stretch.Holder, out TaskTime? had) || had == task)
            return;
        if (!IsInSpan(had, stretch.FromNs))
            return; // an arrow that begins in none is not shown
        Track(had);
        spans.Flow(name, ++flows, (had.Pid, had.Tid, stretch.FromNs), (task.Pid, task.Tid, stretch.ToNs));
    }

    // What is of the machine stands above the processes, which have no place of their own and so 0.
    private void Group(int pid, string name, int place)
    {
        spans.Meta("process_name", pid, pid, name);
        spans.Place(pid, place);
    }

    private bool IsInSpan(TaskTime task, long ns)
    {
        if ((task.Call is not null && task.CallNs <= ns) || (task.FaultNs >= 0 && task.FaultNs <= ns))
            return true;
        return ended.TryGetValue(task.Tid, out (long FromNs, long ToNs) last) && last.FromNs <= ns && ns <= last.ToNs;
    }

    private void Mark(in TraceEvent told)
    {
        bool byTask = Tasks.TryGetValue(told.Tid, out TaskTime? task);
        if (byTask)
            Track(task!);
        spans.Instant(Tracepoints.Of(told.Point).Name, byTask ? task!.Pid : KernelTracks,
            byTask ? told.Tid : KernelTracks, told);
    }

    private void Sample(in TraceEvent told)
    {
        spans.Counter("memory (pages)", MemoryTracks, told.AtNs,
            [("free", told.Numbers[0]), ("anon", told.Numbers[1]), ("file", told.Numbers[2]),
                ("shmem", told.Numbers[3]), ("page tables", told.Numbers[4])]);
        spans.Counter("page faults per 100 us", MemoryTracks, told.AtNs, [("faults", told.Numbers[5] - faults)]);
        spans.Counter("free swap (pages)", MemoryTracks, told.AtNs, [("free", told.Numbers[6])]);
        faults = told.Numbers[5];
    }

    private void EndRunning(int cpu)
    {
        if (!running.Remove(cpu, out (int Tid, long SinceNs) task))
            return;
        NameCpu(cpu);
        spans.Complete(names.Of(task.Tid), "cpu", CpuTracks, CpuTracks + 1 + cpu, task.SinceNs, NowNs, task.Tid);
    }

    private void EndKswapd()
    {
        if (kswapdNs >= 0)
            spans.Complete("reclaim", "vmscan", KernelTracks, KernelTracks, kswapdNs, NowNs);
        kswapdNs = -1;
    }

    private void NameCpu(int cpu)
    {
        if (tracks.Add((CpuTracks, cpu)))
            spans.Meta("thread_name", CpuTracks, CpuTracks + 1 + cpu, $"cpu{cpu}");
    }

    private void Track(TaskTime task)
    {
        if (tracks.Add((task.Pid, -1)))
            spans.Meta("process_name", task.Pid, task.Pid, task.Comm);
        if (tracks.Add((task.Pid, task.Tid)))
            spans.Meta("thread_name", task.Pid, task.Tid, task.Comm);
    }
}
