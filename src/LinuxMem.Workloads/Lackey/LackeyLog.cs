using System.Buffers.Text;
using System.Globalization;
using System.Text;
using LinuxMem.Simulation;
using LinuxMem.Workloads.Inputs;

namespace LinuxMem.Workloads.Lackey;

/// <summary>One log: an image that a process ran, or the part of a forked child up to its execve.</summary>
internal sealed class LackeyLog
{
    // A log starts with 6 lines of preamble; what is none within these is no log.
    private const int FirstLinesMax = 64;

    private LogBuffer? held;

    private LackeyLog(string path) => Path = path;

    /// <summary>The path, or "-".</summary>
    internal string Path { get; }

    /// <summary>The pid of its first line; 0 if that does not say.</summary>
    internal int Pid { get; private set; }

    /// <summary>The parent's pid; 0 if the log does not say.</summary>
    internal int ParentPid { get; private set; }

    /// <summary>The command line, escaped as valgrind prints it; empty if the log does not say.</summary>
    internal string Command { get; private set; } = "";

    /// <summary>Whether it begins in a forked child, with the result of the fork.</summary>
    internal bool IsForked { get; private set; }

    /// <summary>
    /// Place in the order in which a recorder saw the logs appear, from the name (`NAME.PID.K.N`); 0 if it has none.
    /// </summary>
    internal int Order { get; private set; }

    /// <summary>The lines read.</summary>
    internal LackeyCounts Counts { get; } = new();

    /// <summary>Whether a program reads it or has read it.</summary>
    internal bool IsTaken { get; set; }

    /// <summary>The parser at work on it; null before and after.</summary>
    internal LackeyParser? Parser { get; private set; }

    /// <summary>
    /// The command name: the last part of the command's first word, at most 15 characters as in Linux.
    /// </summary>
    internal string Comm
    {
        get
        {
            int end = Command.IndexOf(' ', StringComparison.Ordinal);
            string first = end < 0 ? Command : Command[..end];
            first = first[(first.LastIndexOf('/') + 1)..];
            return first.Length == 0 ? "lackey" : first.Length > 15 ? first[..15] : first;
        }
    }

    /// <summary>
    /// Opens a log, reads what its first lines say about it, and closes it again (but not standard input).
    /// </summary>
    internal static LackeyLog Inspect(string path, Stream? standardInput = null)
    {
        var log = new LackeyLog(path);
        bool isOpen = standardInput is not null && path == InputFile.StandardInput;
        var buffer = new LogBuffer(isOpen ? standardInput! : InputFile.Open(path));
        try
        {
            log.ReadPreamble(buffer);
            log.ReadName();
        }
        catch
        {
            buffer.Dispose();
            throw;
        }

        if (path == InputFile.StandardInput)
            log.held = buffer;
        else
            buffer.Dispose();
        return log;
    }

    /// <summary>Starts reading it from its first line.</summary>
    internal LackeyParser Open(bool strict, int pageShift)
    {
        KernelBug.Assert(Parser is null, "a log is read once");
        IsTaken = true;
        var buffer = held ?? new LogBuffer(InputFile.Open(Path));
        Parser = new LackeyParser(buffer, InputFile.Name(Path), Counts, strict, pageShift);
        held = null;
        return Parser;
    }

    /// <summary>Ends reading it.</summary>
    internal void Close()
    {
        Parser?.Dispose();
        Parser = null;
        held?.Dispose();
        held = null;
    }

    private void ReadPreamble(LogBuffer buffer)
    {
        int at = 0;
        int lines = 0;
        for (; lines < FirstLinesMax; lines++)
        {
            int length = buffer.LineLength(at);
            if (length < 0)
                break;
            var line = buffer.Text.Slice(at, length);
            if (Recognise(line, out bool inPreamble) && !inPreamble)
                return;
            at += length + 1;
        }

        if (Pid == 0)
        {
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture,
                $"{InputFile.Name(Path)}: no lackey log: its first {lines} lines are no accesses, calls or notes"));
        }
    }

    /// <summary>Looks at one of the first lines. Returns whether it is a line of a log at all.</summary>
    private bool Recognise(ReadOnlySpan<byte> line, out bool inPreamble)
    {
        inPreamble = false;
        if (line.StartsWith(" --> "u8))
        {
            IsForked = true;
            return true;
        }

        if (CallLines.TryParseHead(line, out int caller, out _, out _, out _))
        {
            Pid = Pid == 0 ? caller : Pid;
            return true;
        }

        if (AccessLines.HasPrefix(line))
            return AccessLines.Parse(line, out _, out _) is null;
        var reader = new LineReader(line);
        if (!reader.Skip("=="u8) || !reader.Number(out int pid) || !reader.Skip("== "u8))
            return false;
        inPreamble = true;
        Pid = Pid == 0 ? pid : Pid;
        if (reader.Skip("Command: "u8))
            Command = Encoding.UTF8.GetString(reader.Rest);
        else if (reader.Skip("Parent PID: "u8) && Utf8Parser.TryParse(reader.Rest, out int parent, out _))
            ParentPid = parent;
        return true;
    }

    /// <summary>Takes the order of creation from a name that ends in PID.K.N and extensions.</summary>
    private void ReadName()
    {
        var parts = System.IO.Path.GetFileName(Path).Split('.');
        for (int i = 0; i + 2 < parts.Length; i++)
        {
            int order = Number(parts[i + 1]);
            if (Number(parts[i]) == Pid && Pid != 0 && order >= 0 && Number(parts[i + 2]) >= 0)
            {
                Order = order;
                return;
            }
        }
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : -1;
}
