using System.Text;
using LinuxMem.Simulation;

namespace LinuxMem.Workloads.Strace.Reading;

/// <summary>
/// A log of strace, whole: its events in the order of their first lines, and what became of every line.
/// </summary>
/// <remarks>
/// All of strace's forms are read: with -f or without, with -o or from the terminal (ids in brackets, lines that
/// "strace: Process 8 attached" tears apart), -t, -r, -T, -i, -n, -k, -y, -X, -v, calls that are resumed later.
/// </remarks>
internal sealed class StraceLog
{
    private readonly string name;
    private readonly bool strict;
    private readonly LogTasks tasks = new();
    private readonly Dictionary<int, StraceEvent> pending = [];
    private StraceEvent? torn;

    private StraceLog(string name, bool strict)
    {
        this.name = name;
        this.strict = strict;
    }

    /// <summary>The events, in the order of their first lines.</summary>
    internal List<StraceEvent> Events { get; } = [];

    internal StraceCounts Counts { get; } = new();

    /// <summary>Reads a log to its end.</summary>
    /// <param name="stream">The log.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="strict">Whether a line that is none is an error.</param>
    /// <exception cref="ConfigurationException">A bad line, if strict; or no log but a summary (-c).</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal static StraceLog Read(Stream stream, string name, bool strict)
    {
        var log = new StraceLog(name, strict);
        var lines = new LineSource(stream);
        while (lines.Next(out ReadOnlyMemory<byte> line, out bool isTerminated))
        {
            log.Counts.Lines++;
            log.Take(line, isTerminated);
        }

        log.tasks.Finish();
        LogFlaws.Find(log, name);
        KernelBug.Assert(log.Counts.AddUp, $"every line of a log is accounted for, but not of {name}");
        return log;
    }

    private void Take(ReadOnlyMemory<byte> line, bool isTerminated)
    {
        ReadOnlySpan<byte> text = line.Span;
        if (text.EndsWith("\r"u8))
            line = line[..^1];
        int start = LinePrefix.Read(line.Span, out int shown);
        ReadOnlyMemory<byte> rest = line[start..];
        ReadOnlySpan<byte> body = rest.Span;
        if (body.IsEmpty || text.StartsWith(" > "u8))
            Counts.Notes++;
        else if (body.StartsWith("--- "u8))
            Signal(rest, tasks.Of(shown));
        else if (body.StartsWith("+++ "u8))
            End(rest, tasks.Of(shown));
        else if (body.StartsWith("strace: "u8) || body.StartsWith("[ Process "u8))
            Message(body);
        else if (body.StartsWith("<... "u8))
            Resume(rest, tasks.Of(shown));
        else if (torn is not null && body[0] is (byte)',' or (byte)')' or (byte)' ' or (byte)'<')
            Mend(rest, isTerminated);
        else if (!Call(rest, tasks.Of(shown), isTerminated))
            Reject("no line of strace");
    }

    private bool Call(ReadOnlyMemory<byte> rest, int tid, bool isTerminated)
    {
        ReadOnlySpan<byte> text = rest.Span;
        int open = text.IndexOf((byte)'(');
        if (open <= 0 || !IsName(text[..open]))
            return false;
        (string callName, int nr) = CallNumbers.Find(text[..open]);
        var call = new StraceEvent { Tid = tid, Line = Counts.Lines, EndLine = Counts.Lines, Name = callName, Nr = nr };
        if (!Complete(call, rest[(open + 1)..], isTerminated))
            return false;
        Counts.Calls++;
        Events.Add(call);
        tasks.Track(call);
        return true;
    }

    // Takes the text behind the parenthesis: whole, to be resumed, torn apart by a message, or cut by the log's end.
    private bool Complete(StraceEvent call, ReadOnlyMemory<byte> text, bool isTerminated)
    {
        if (CallSplit.TrySplit(text.Span, out int argumentBytes, out int resultAt))
        {
            call.ArgumentText = text[..argumentBytes];
            call.ResultText = text[resultAt..];
            call.IsEnded = true;
            if (call.Name is "getpid" or "gettid" or "set_tid_address")
                tasks.Tell(call.Tid, call.Result.Value);
            return true;
        }

        if (CallSplit.IsUnfinished(text.Span, out argumentBytes))
        {
            call.ArgumentText = text[..argumentBytes];
            pending[call.Tid] = call;
            return true;
        }

        int message = text.Span.IndexOf("strace: Process "u8);
        if (message >= 0)
        {
            call.ArgumentText = text[..message];
            torn = call;
            Attach(text.Span[message..]);
            return true;
        }

        call.ArgumentText = text;
        return !isTerminated;
    }

    private void Resume(ReadOnlyMemory<byte> rest, int tid)
    {
        int mark = rest.Span.IndexOf(" resumed>"u8);
        if (mark < 5)
        {
            Reject("a resumed call without a name");
            return;
        }

        Counts.Continued++;
        string callName = Encoding.ASCII.GetString(rest.Span[5..mark]);
        if (!pending.Remove(tid, out StraceEvent? call) || (call.Name != callName && callName != "???"))
            return; // Its beginning was not logged, so its arguments are not known.
        GoOn(call, rest[(mark + 9)..]);
    }

    // The rest of a call that a message of strace tore apart. Its line has no id.
    private void Mend(ReadOnlyMemory<byte> rest, bool isTerminated)
    {
        Counts.Continued++;
        StraceEvent call = torn!;
        torn = null;
        call.EndLine = Counts.Lines;
        if (!Complete(call, Joined(call.ArgumentText, rest), isTerminated))
            call.ArgumentText = Joined(call.ArgumentText, rest);
    }

    private void GoOn(StraceEvent call, ReadOnlyMemory<byte> rest)
    {
        ReadOnlyMemory<byte> text = Joined(call.ArgumentText, rest);
        call.EndLine = Counts.Lines;
        call.ArgumentText = text;
        if (!CallSplit.TrySplit(text.Span, out int argumentBytes, out int resultAt))
            return;
        call.ArgumentText = text[..argumentBytes];
        call.ResultText = text[resultAt..];
        call.IsEnded = true;
    }

    private void Signal(ReadOnlyMemory<byte> rest, int tid)
    {
        Counts.Signals++;
        ReadOnlySpan<byte> text = rest.Span[4..];
        int blank = text.IndexOf((byte)' ');
        int brace = text.IndexOf((byte)'{');
        int end = text.LastIndexOf((byte)'}');
        if (blank <= 0 || brace != blank + 1 || end < brace)
            return; // "stopped by SIGSTOP"
        Add(StraceEventKind.Signal, tid, Encoding.ASCII.GetString(text[..blank]), rest[(4 + brace)..(4 + end + 1)]);
    }

    private void End(ReadOnlyMemory<byte> rest, int tid)
    {
        Counts.Exits++;
        ReadOnlySpan<byte> text = rest.Span[4..];
        pending.Remove(tid);
        if (text.StartsWith("exited with "u8))
        {
            int end = text[12..].IndexOf((byte)' ');
            Add(StraceEventKind.Exited, tid, "exited", end < 0 ? default : rest.Slice(16, end));
            tasks.End(tid);
        }
        else if (text.StartsWith("killed by "u8))
        {
            int end = text[10..].IndexOf((byte)' ');
            Add(StraceEventKind.Killed, tid, Encoding.ASCII.GetString(end < 0 ? text[10..] : text.Slice(10, end)),
                default);
            tasks.End(tid);
        }
        else if (text.StartsWith("superseded by execve in pid "u8))
        {
            int at = 28;
            NumberText.TryRead(text, ref at, out ulong other);
            Supersede(tid, (int)other);
        }
    }

    // The thread that executes goes on under the id of the leader; so does its call.
    private void Supersede(int leader, int other)
    {
        StraceEvent note = Add(StraceEventKind.Superseded, leader, "superseded", default);
        if (!pending.Remove(other, out StraceEvent? exec))
            return;
        note.Successor = exec;
        pending[leader] = exec;
        tasks.End(other);
    }

    private StraceEvent Add(StraceEventKind kind, int tid, string what, ReadOnlyMemory<byte> text)
    {
        var happened = new StraceEvent
        {
            Kind = kind,
            Tid = tid,
            Line = Counts.Lines,
            EndLine = Counts.Lines,
            Name = what,
            ArgumentText = text,
            IsEnded = true,
        };
        Events.Add(happened);
        tasks.Track(happened);
        return happened;
    }

    private void Message(ReadOnlySpan<byte> text)
    {
        Counts.Notes++;
        if (text.StartsWith("strace: Process "u8) && text.EndsWith(" attached"u8))
            Attach(text);
    }

    private void Attach(ReadOnlySpan<byte> message)
    {
        int at = "strace: Process ".Length;
        if (NumberText.TryRead(message, ref at, out ulong tid))
            tasks.Announce((int)tid);
    }

    private void Reject(string what)
    {
        string message = Counts.Reject(name, what);
        if (strict)
            throw new ConfigurationException(message);
    }

    private static byte[] Joined(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        var text = new byte[first.Length + second.Length];
        first.Span.CopyTo(text);
        second.Span.CopyTo(text.AsSpan(first.Length));
        return text;
    }

    private static bool IsName(ReadOnlySpan<byte> text)
    {
        foreach (byte c in text)
        {
            bool ok = c is >= (byte)'a' and <= (byte)'z' or >= (byte)'0' and <= (byte)'9' or (byte)'_' or (byte)'#'
                or (byte)'?' or >= (byte)'A' and <= (byte)'Z';
            if (!ok)
                return false;
        }

        return text.Length <= 64;
    }
}
