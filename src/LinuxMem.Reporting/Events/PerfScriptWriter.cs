using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Reporting.Events;

/// <summary>Writes events as `perf script --ns` does: one a line, for eyes and tools that know that text.</summary>
/// <remarks>
/// Linux: tools/perf/builtin-script.c, v6.18: task, tid, CPU in brackets, seconds, event, fields. What the kernel does
/// on no CPU has no CPU; perf leaves it out too where it was not recorded.
/// </remarks>
/// <param name="stream">Where to; stays open.</param>
/// <param name="filter">Which events.</param>
public sealed class PerfScriptWriter(Stream stream, TraceFilter filter) : ITraceSink, IDisposable
{
    private const int CommWidth = 16;
    private const long NsPerSecond = 1_000_000_000;
    private static readonly string Spaces = new(' ', CommWidth);
    private readonly LineBuffer line = new(stream);
    private readonly TaskNames names = new();

    /// <inheritdoc/>
    public void Take(ReadOnlySpan<TraceEvent> events)
    {
        foreach (ref readonly TraceEvent told in events)
        {
            names.Learn(told);
            if (filter.Wants(told))
                Write(told);
        }
    }

    /// <summary>Writes what is left.</summary>
    public void Dispose() => line.Flush();

    private void Write(in TraceEvent told)
    {
        string comm = names.Of(told.Tid);
        line.Add(comm).Add(Spaces[Math.Min(comm.Length, CommWidth)..]);
        line.Add(" "u8).Add(Math.Max(0, told.Tid)).Add(" "u8);
        if (told.Cpu >= 0)
            line.Add("["u8).AddPadded(told.Cpu, 3).Add("] "u8);
        line.Add(told.AtNs / NsPerSecond).Add("."u8).AddPadded(told.AtNs % NsPerSecond, 9).Add(": "u8);
        TracepointInfo info = Tracepoints.Of(told.Point);
        line.Add(info.FullName).Add(": "u8);
        bool first = true;
        foreach (TraceField field in info.Fields)
        {
            if (field.Before is { } before)
                line.Add(before);
            else
                line.Add(first ? ""u8 : " "u8).Add(field.Name).Add("="u8);
            first = false;
            Write(field, told);
            line.Add(field.After);
        }

        line.Add("\n"u8);
    }

    private void Write(TraceField field, in TraceEvent told)
    {
        long number = told.Numbers[field.Index];
        switch (field.Format)
        {
            case TraceFormat.Hex:
                line.AddHex(number);
                break;
            case TraceFormat.Comm:
                line.Add(names.Of((int)number));
                break;
            case TraceFormat.Text:
                line.Add(Text.SafeText.Clean(told.Text ?? ""));
                break;
            case TraceFormat.Name:
                line.Add(field.Names[(int)number]);
                break;
            case TraceFormat.NameAndNumber:
                line.Add(field.Names[(int)number]).Add(" ("u8).Add(number).Add(")"u8);
                break;
            default:
                line.Add(number);
                break;
        }
    }
}
