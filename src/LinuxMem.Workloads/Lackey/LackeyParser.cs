using LinuxMem.Abi;
using LinuxMem.Simulation;

namespace LinuxMem.Workloads.Lackey;

/// <summary>
/// Reads a log of valgrind's lackey tool (`--trace-mem=yes`, with or without `--trace-syscalls=yes`) from a stream, in
/// bounded memory.
/// </summary>
/// <remarks>
/// The grammar is that of valgrind 3.19. Every line is counted once, in one of accesses, calls, notes and rejected: a
/// line that two threads' output was glued to by its first part (the second part is still carried out), a line that
/// only brings a call's result, or the rest of a path with a line feed in it, as a note. A call is given when its
/// result is known.
/// </remarks>
public sealed class LackeyParser : IDisposable
{
    // Valgrind runs at most 500 threads unless told otherwise; the bound keeps a damaged log from filling memory.
    private const string CutOff = "cut off";

    private readonly LogBuffer buffer;
    private readonly string name;
    private readonly LackeyCounts counts;
    private readonly bool strict;
    private readonly int pageShift;
    private readonly PendingCalls pending = new();

    // The part of the last line that another thread's output is in.
    private byte[] glued = [];

    private readonly byte[] noteText = new byte[4096];
    private int noteBytes;

    /// <summary>A parser at the beginning of a log.</summary>
    /// <param name="stream">The text; disposed of with the parser.</param>
    /// <param name="name">What messages call the log.</param>
    /// <param name="counts">Receives the counts, and the messages about rejected lines.</param>
    /// <param name="strict">Whether a line that no log has is an error at once.</param>
    /// <param name="pageShift">log2 of the page size in bytes, by which accesses are split.</param>
    public LackeyParser(Stream stream, string name, LackeyCounts counts, bool strict = false, int pageShift = 12)
        : this(new LogBuffer(stream), name, counts, strict, pageShift)
    {
    }

    internal LackeyParser(LogBuffer buffer, string name, LackeyCounts counts, bool strict, int pageShift)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageShift, 12);
        this.buffer = buffer;
        this.name = name;
        this.counts = counts;
        this.strict = strict;
        this.pageShift = pageShift;
        Call = pending.Spare;
    }

    /// <summary>Entries that the last <see cref="LackeyItem.Accesses"/> put into the buffer.</summary>
    public int PackedCount { get; private set; }

    /// <summary>The last <see cref="LackeyItem.WideAccess"/>.</summary>
    public LackeyAccess Access { get; private set; }

    /// <summary>The last <see cref="LackeyItem.Call"/>; reused by the next one.</summary>
    public LackeyCall Call { get; private set; }

    /// <summary>The bytes of the last <see cref="LackeyItem.Note"/>, at most 4096; valid until the next read.</summary>
    public ReadOnlySpan<byte> NoteText => noteText.AsSpan(0, noteBytes);

    /// <summary>Reads on, to the next thing in the log.</summary>
    /// <param name="packed">Receives accesses as <see cref="ScatterEntry"/> values; room for at least two.</param>
    /// <exception cref="ConfigurationException">A rejected line, if the parser is strict.</exception>
    /// <exception cref="IOException">The stream failed.</exception>
    public LackeyItem Read(Span<ulong> packed)
    {
        for (; ; )
        {
            if (glued.Length == 0 && pending.OpenCall is null && ReadPacked(packed))
                return LackeyItem.Accesses;
            if (ReadLine(packed) is { } item)
                return item;
        }
    }

    /// <summary>Closes the stream.</summary>
    public void Dispose() => buffer.Dispose();

    private bool ReadPacked(Span<ulong> packed)
    {
        buffer.FillBeyond(AccessLines.LookAheadBytes);
        PackedCount = AccessLines.Pack(buffer.Text, packed, pageShift, out int consumed, out int lines);
        buffer.Consume(consumed);
        counts.Accesses += lines;
        return lines > 0;
    }

    /// <summary>Reads one line, whatever it is. Returns null if it says nothing on its own.</summary>
    private LackeyItem? ReadLine(Span<ulong> packed)
    {
        if (glued.Length > 0)
        {
            var text = glued;
            glued = [];
            return Classify(new LogLine(text, isTerminated: true, isGlued: true), packed);
        }

        if (buffer.PeekLine(out var next, out bool terminated))
            return Classify(new LogLine(next, terminated, isGlued: false), packed);
        return pending.OpenCall is null ? LackeyItem.End : GiveOpen(default);
    }

    private LackeyItem? Classify(LogLine line, Span<ulong> packed)
    {
        var text = line.Text;
        if (text.Length > LogBuffer.LineBytesMax)
            return RejectLong(line);
        if (AccessLines.HasPrefix(text))
            return ReadAccess(line, packed);
        if (text.StartsWith(CallLines.Prefix))
            return ReadCall(line);
        if (text.StartsWith(" --> "u8))
            return ReadTail(line);
        if (text.IsEmpty && !pending.OpenHasString)
            return TakeNote(line);
        if (CallLines.CreatedPid(text) is > 0 and var created)
        {
            if (pending.OpenCall is not null)
                pending.OpenCall.CreatedPid = created;
            return TakeNote(line);
        }

        return CallLines.IsValgrindsWord(text, out int pid) && (!pending.OpenHasString || pid == pending.OpenCall!.Pid)
            ? ReadWord(line)
            : ReadOther(line, "neither an access, nor a system call, nor a note of valgrind", 1);
    }

    private LackeyItem? ReadAccess(LogLine line, Span<ulong> packed)
    {
        string? wrong = AccessLines.Parse(line.Text, out var access, out int column);
        if (wrong is not null || !line.IsTerminated)
            return ReadOther(line, wrong ?? CutOff, column);
        if (pending.OpenCall is not null)
            return Postpone(line, GiveOpen(default));
        Take(line);
        if (!line.IsGlued)
            counts.Accesses++;
        ulong last = access.Va + (uint)(access.Bytes - 1);
        Access = access;
        if (!ScatterEntry.Fits(access.Va) || !ScatterEntry.Fits(last))
            return LackeyItem.WideAccess;
        packed[0] = ScatterEntry.Pack(access.Va, access.Kind);
        PackedCount = 1;
        if (access.Va >> pageShift != last >> pageShift)
            packed[PackedCount++] = ScatterEntry.Pack(last >> pageShift << pageShift, access.Kind);
        return LackeyItem.Accesses;
    }

    private LackeyItem? ReadCall(LogLine line)
    {
        if (!CallLines.TryParseHead(line.Text, out int pid, out int tid, out int nr, out int length))
            return ReadOther(line, "no SYSCALL[pid,tid](number)", CallLines.Prefix.Length + 1);
        if (pending.OpenCall is not null)
            return Postpone(line, GiveOpen(default));
        var body = line.Text[length..];
        int words = CallLines.WordsAt(body, pid);
        ReadOnlySpan<byte> glued = words < 0 ? default : body[words..];
        if (words >= 0)
            body = body[..words];
        int earlier = pending.FindAsync(pid, tid);
        if (body.StartsWith("... [async]"u8))
            return ReadAsyncResult(line, body, nr, earlier);
        // The thread goes on although the log has no result of its last call: a signal interrupted it.
        if (earlier >= 0)
            return Postpone(line, Give(pending.TakeAsync(earlier), default));
        var call = pending.Spare;
        call.Begin(pid, tid, nr);
        bool hasTail = CallLines.TryParseBody(body, call, out var tail, out int rest, out bool hasString);
        string? wrong = CallChecks.Find(call, body, hasTail, rest, hasString, line.IsTerminated);
        if (wrong is null && tail.IsAsync && pending.IsFull)
            wrong = "more than 4096 threads in system calls";
        if (wrong is not null)
            return ReadOther(line, wrong, length + 1);
        if (!line.IsGlued)
            counts.Calls++;
        Take(line);
        if (!hasTail)
            pending.Open(body, hasString);
        else if (tail.IsAsync)
            pending.AddAsync();
        SetGlued(words < 0 ? body[rest..] : glued);
        return hasTail && !tail.IsAsync ? Give(call, tail) : null;
    }

    private LackeyItem? ReadAsyncResult(LogLine line, ReadOnlySpan<byte> body, int nr, int earlier)
    {
        if (!CallTail.TryParse(body, out var tail, out int length) || tail.IsAsync
            || !CallChecks.IsGluable(body[length..]))
            return ReadOther(line, "no result after [async]", line.Text.Length - body.Length + 1);
        SetGlued(body[length..]);
        var item = TakeNote(line);
        return earlier >= 0 && pending.AsyncNr(earlier) == nr ? Give(pending.TakeAsync(earlier), tail) : item;
    }

    private LackeyItem? ReadTail(LogLine line)
    {
        if (!CallTail.TryParse(line.Text, out var tail, out int length) || tail.IsAsync
            || !CallChecks.IsGluable(line.Text[length..]))
            return ReadOther(line, "no result after the arrow", " --> ".Length + 1);
        SetGlued(line.Text[length..]);
        var item = TakeNote(line);
        // Without an open call it is the child's half of a fork, at the start of its log.
        return pending.OpenCall is null ? item : GiveOpen(tail);
    }

    /// <summary>
    /// A line of valgrind's own. It may stand between a call and its result, but after an execve it is the new image's.
    /// </summary>
    private LackeyItem? ReadWord(LogLine line) =>
        pending.OpenCall is { Nr: (int)SyscallNr.Execve } ? Postpone(line, GiveOpen(default)) : TakeNote(line);

    /// <summary>A line that is none: the rest of a string in a call's arguments, or rubbish.</summary>
    private LackeyItem? ReadOther(LogLine line, string reason, int column)
    {
        if (line.IsGlued || !pending.TryContinue(line.Text))
            return Reject(line, reason, column);
        TakeNote(line);
        var body = pending.OpenText;
        bool hasTail = CallLines.TryParseBody(body, pending.OpenCall!, out var tail, out int rest, out _);
        if (!hasTail || !CallChecks.IsGluable(body[rest..]))
            return LackeyItem.Note;
        SetGlued(body[rest..]);
        if (!tail.IsAsync)
            return GiveOpen(tail);
        pending.MakeOpenAsync();
        return null;
    }

    private LackeyItem Reject(LogLine line, string reason, int column)
    {
        if (!line.IsTerminated)
            (reason, column) = (CutOff, line.Text.Length + 1);
        if (strict)
            throw new ConfigurationException(LackeyCounts.Message(name, counts.Lines + 1, column, "error: " + reason));
        if (!line.IsGlued)
            counts.Reject(name, column, reason);
        Take(line);
        return LackeyItem.Rejected;
    }

    private LackeyItem RejectLong(LogLine line)
    {
        string reason = "a line of more than 1 MiB";
        if (strict)
            throw new ConfigurationException(LackeyCounts.Message(name, counts.Lines + 1, 1, "error: " + reason));
        counts.Reject(name, 1, reason);
        buffer.SkipLine();
        return LackeyItem.Rejected;
    }

    private LackeyItem TakeNote(LogLine line)
    {
        noteBytes = Math.Min(line.Text.Length, noteText.Length);
        line.Text[..noteBytes].CopyTo(noteText);
        if (!line.IsGlued)
            counts.Notes++;
        Take(line);
        return LackeyItem.Note;
    }

    private void Take(LogLine line)
    {
        if (!line.IsGlued)
            buffer.Consume(line.Text.Length + (line.IsTerminated ? 1 : 0));
    }

    /// <summary>Leaves a line for the next read, because something comes before it.</summary>
    private LackeyItem Postpone(LogLine line, LackeyItem item)
    {
        if (line.IsGlued)
            glued = line.Text.ToArray();
        return item;
    }

    private void SetGlued(ReadOnlySpan<byte> rest) => glued = rest.IsEmpty ? [] : rest.ToArray();

    private LackeyItem GiveOpen(CallTail tail)
    {
        return Give(pending.Close(), tail);
    }

    private LackeyItem Give(LackeyCall call, CallTail tail)
    {
        call.Outcome = tail.Outcome;
        call.Result = tail.Result;
        Call = call;
        pending.Reuse(call);
        return LackeyItem.Call;
    }
}
