using System.Globalization;
using LinuxMem.Abi;
using LinuxMem.Simulation;

namespace LinuxMem.Workloads.Lackey;

/// <summary>
/// A process that does what its log says: the accesses in their order, the memory calls with the logged addresses,
/// fork, execve, wait and exit. Other calls only touch the user memory that they read or write.
/// </summary>
/// <remarks>
/// Threads of a process are in one log without saying who is who, and valgrind runs one at a time: they are replayed as
/// one task. The log is read as it runs, in bounded memory.
/// </remarks>
public sealed class LackeyProgram : IProgram
{
    private const int SetRobustList = 273;
    private readonly LogSet set;
    private readonly LoggedProcess? process;
    private readonly int logIndex;
    private readonly LinuxLayout? layout;
    private readonly bool beginsImage;
    private readonly List<UserRange> before = [];
    private readonly List<UserRange> after = [];

    private int beforeDone;
    private ulong[] packed = [];
    private MemoryCalls? memory;
    private LinuxCalls? linuxCalls;
    private LackeyParser? parser;
    private SyscallRequest request;
    private bool hasRequest;
    private bool mayFail;
    private bool awaitsAnswer;
    private bool execPending;
    private string execPath = "";
    private bool isForeignTold;
    private bool exited;
    private ulong exitCode;

    /// <summary>The program of a process that init starts.</summary>
    internal LackeyProgram(LogSet set, LoggedProcess process, LinuxLayout? layout)
        : this(set, process, 0, null, process.Logs[0].Comm, layout, layout is not null)
    {
    }

    private LackeyProgram(LogSet set, LoggedProcess? process, int logIndex, MemoryCalls? memory, string comm,
        LinuxLayout? layout, bool beginsImage)
    {
        this.layout = layout;
        this.beginsImage = beginsImage;
        this.set = set;
        this.process = process;
        this.logIndex = logIndex;
        this.memory = memory;
        Comm = comm;
    }

    /// <inheritdoc/>
    public string Comm { get; }

    /// <inheritdoc/>
    public ImageSpec Image => ImageSpec.Empty;

    private LackeyLog? Log => process?.Logs[logIndex];

    /// <inheritdoc/>
    public void Start(in ProgramStart start)
    {
        memory ??= new MemoryCalls(new FileTable(), start.PageShift);
        if (layout is not null)
        {
            linuxCalls = new LinuxCalls(layout, memory.Files, set.Options.Sysroot!, set.Variants);
            if (beginsImage)
            {
                layout.Begin(start.Layout);
                layout.CollectStart(before);
            }
        }

        if (Log is not { } log)
            return;
        // An image that was executed within one log goes on where its predecessor stopped reading.
        parser = log.Parser ?? log.Open(set.Options.Strict, start.PageShift);
        packed = new ulong[AccessBatch.ScatterCapacityMax];
    }

    /// <inheritdoc/>
    public void Next(AccessBatch batch, in SyscallResult last)
    {
        KernelBug.Assert(memory is not null, "a program is started before it runs");
        TakeAnswer(last);
        while (AddRanges(batch))
        {
            if (hasRequest)
            {
                batch.SetCall(request);
                hasRequest = false;
                request = default;
                awaitsAnswer = true;
                before.AddRange(after);
                after.Clear();
                return;
            }

            int room = AccessBatch.ScatterCapacityMax - batch.ScatterCount;
            if (batch.IsFull || room < 2)
                return;
            ReadItem(batch, packed.AsSpan(0, Math.Min(room, packed.Length)));
        }
    }

    private void ReadItem(AccessBatch batch, Span<ulong> room)
    {
        var item = parser?.Read(room) ?? LackeyItem.End;
        switch (item)
        {
            case LackeyItem.Accesses:
                execPending = false;
                int count = layout?.Translate(room[..parser!.PackedCount]) ?? parser!.PackedCount;
                if (count > 0)
                    room[..count].CopyTo(batch.AddScatter(count));
                break;
            case LackeyItem.WideAccess:
                execPending = false;
                new UserRange(parser!.Access.Kind, parser.Access.Va, (ulong)parser.Access.Bytes).AddTo(batch, layout);
                break;
            case LackeyItem.Call:
                execPending = false;
                TakeCall(parser!.Call);
                break;
            case LackeyItem.Note when execPending && parser!.NoteText.IndexOf("== Lackey, "u8) > 0:
                execPending = false;
                Exec(logIndex, execPath);
                break;
            case LackeyItem.End:
                EndLog();
                break;
            default:
                break;
        }
    }

    private void TakeCall(LackeyCall call)
    {
        if (process!.Pid != 0 && call.Pid != process.Pid)
        {
            TellForeign(call);
            return;
        }

        UserMemory.Collect(call, before, after);
        if (call.Succeeded)
            memory!.Files.Apply(call);
        switch ((SyscallNr)call.Nr)
        {
            case SyscallNr.Fork or SyscallNr.Vfork or SyscallNr.Clone:
                Fork(call);
                break;
            case SyscallNr.Execve:
                // A successful one has no result. Whether it was, what comes next will tell.
                execPending = call.Outcome == LackeyOutcome.Unknown;
                execPath = call.Text(0) ?? "";
                break;
            case SyscallNr.Wait4:
                Wait(call, call.Arg(0), call.Arg(2), call.Succeeded ? call.Result : 0);
                break;
            case SyscallNr.Exit or SyscallNr.ExitGroup:
                // The end of a thread need not be that of the process, whose log goes on then.
                exitCode = call.Arg(0);
                exited = call.Nr == (int)SyscallNr.ExitGroup;
                break;
            default:
                layout?.CollectClock(call, before);
                layout?.NotePath(call.Text(1));
                if (call.Nr == SetRobustList && call.Succeeded)
                    layout?.NoteRobustList(call.Arg(0));
                hasRequest = linuxCalls?.TryTranslate(call, out request) ?? memory!.TryTranslate(call, out request);
                mayFail = false;
                break;
        }

        if (!hasRequest)
        {
            before.AddRange(after);
            after.Clear();
        }
    }

    private void Fork(LackeyCall call)
    {
        var kind = ForkedTask.KindOf(call);
        ForkedTask.CollectTids(call, kind, after);
        int pid = ForkedTask.PidOf(call);
        if (pid == 0 || kind == ForkedTask.Kind.Thread)
            return;
        var child = set.TakeChild(pid, process!.Pid);
        if (child is null)
            Log!.Counts.Warn(string.Create(CultureInfo.InvariantCulture,
                $"{Log.Path}:{Log.Counts.Lines}: no log of the child {pid}: it ends at once"));
        var program = new LackeyProgram(
            set, child, 0, memory!.Copy(), child?.Logs[0].Comm ?? Comm, layout?.Copy(), false);
        ForkedTask.CollectChildTid(call, program.before);
        if (kind == ForkedTask.Kind.Fork)
        {
            layout?.CollectRseq(program.before);
            layout?.CollectRseq(after);
        }

        Request(new SyscallRequest
        {
            Nr = kind == ForkedTask.Kind.Vfork ? SyscallNr.Vfork : SyscallNr.Fork,
            Child = program,
            ChildPid = pid,
        });
    }

    /// <summary>
    /// Waits for the child that the log names, so that processes end in the logged order; for any if it names none.
    /// </summary>
    private void Wait(LackeyCall call, ulong asked, ulong options, ulong found)
    {
        const ulong NoHang = 1;
        bool interrupted = call.Outcome == LackeyOutcome.Unknown && (options & NoHang) == 0;
        if (found == 0 && !interrupted)
            return;
        Request(new SyscallRequest
        {
            Nr = SyscallNr.Wait4,
            A0 = found != 0 ? found : (ulong)(int)asked,
        });
        // Interrupted by the child's own signal, as a rule after it was waited for: but only the log's kernel knows.
        mayFail = interrupted;
    }

    private void EndLog()
    {
        Log?.Close();
        parser = null;
        if (!exited && process is not null && logIndex + 1 < process.Logs.Count)
        {
            Exec(logIndex + 1, process.Logs[logIndex + 1].Comm);
            return;
        }

        packed = [];
        Request(new SyscallRequest { Nr = SyscallNr.ExitGroup, A0 = exitCode });
    }

    private void Exec(int nextLog, string path)
    {
        string comm = path[(path.LastIndexOf('/') + 1)..];
        SyscallOperands? operands = nextLog == logIndex
            ? set.OperandsOf(path, [path]) : set.OperandsOf(execPath, process!.Logs[nextLog]);
        LinuxLayout? next = operands is null ? null : new LinuxLayout(memory!.PageShift);
        Request(new SyscallRequest
        {
            Nr = SyscallNr.Execve,
            Child = new LackeyProgram(set, process, nextLog, memory!.AfterExec(),
                comm.Length > 15 ? comm[..15] : comm, next, next is not null),
            Operands = operands,
        });
        packed = [];
        parser = null;
    }

    private void Request(in SyscallRequest call)
    {
        request = call;
        hasRequest = true;
        mayFail = false;
    }

    private void TakeAnswer(in SyscallResult answer)
    {
        if (!awaitsAnswer)
            return;
        awaitsAnswer = false;
        if (Log is not { } log)
            return;
        linuxCalls?.TakeAnswer(answer);
        log.Counts.CallsReplayed++;
        if (!answer.IsError || mayFail)
            return;
        log.Counts.CallsRefused++;
        log.Counts.Warn(string.Create(CultureInfo.InvariantCulture,
            $"{log.Path}:{log.Counts.Lines}: the simulated kernel answers {answer.Errno} to a call that succeeded"));
    }

    /// <summary>Adds the ranges that are due. Returns false when the batch is full.</summary>
    private bool AddRanges(AccessBatch batch)
    {
        for (; beforeDone < before.Count; beforeDone++)
        {
            if (batch.IsFull)
                return false;
            before[beforeDone].AddTo(batch, layout);
        }

        before.Clear();
        beforeDone = 0;
        return true;
    }

    private void TellForeign(LackeyCall call)
    {
        if (isForeignTold)
            return;
        isForeignTold = true;
        Log!.Counts.Warn(string.Create(CultureInfo.InvariantCulture,
            $"{Log.Path}:{Log.Counts.Lines}: calls of process {call.Pid} in the log of {process!.Pid} are left out"));
    }
}
