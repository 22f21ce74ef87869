using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Reporting.Events;

/// <summary>Writes events as `perf script --ns` does: one a line, for eyes and tools that know that text.</summary>
/// <remarks>
/// Linux: tools/perf/builtin-script.c, v6.18: task, tid, CPU in brackets, seconds, event, fields. What the kernel does
/// on no CPU has no CPU; perf leaves it out too where it was not recorded.
/// </remarks>
/// <param name="stream">Where to; stays open.</param>
/// <param name="filter">Which events.</param>
public sealed class PerfScriptWriter(Stream stream, TraceFilter filter) : TraceLineWriter(stream, filter)
{
    private const int CommWidth = 16;
    private const long NsPerSecond = 1_000_000_000;
    private static readonly string Spaces = new(' ', CommWidth);

    /// <inheritdoc/>
    protected override void Write(in TraceEvent told)
    {
        string comm = Names.Of(told.Tid);
        Line.Add(comm).Add(Spaces[Math.Min(comm.Length, CommWidth)..]);
        Line.Add(" "u8).Add(Math.Max(0, told.Tid)).Add(" "u8);
        if (told.Cpu >= 0)
            Line.Add("["u8).AddPadded(told.Cpu, 3).Add("] "u8);
        Line.Add(told.AtNs / NsPerSecond).Add("."u8).AddPadded(told.AtNs % NsPerSecond, 9).Add(": "u8);
        TracepointInfo info = Tracepoints.Of(told.Point);
        Line.Add(info.FullName).Add(": "u8);
        bool first = true;
        foreach (TraceField field in info.Fields)
        {
            if (field.Before is { } before)
                Line.Add(before);
            else
                Line.Add(first ? ""u8 : " "u8).Add(field.Name).Add("="u8);
            first = false;
            Write(field, told);
            Line.Add(field.After);
        }

        Line.Add("\n"u8);
    }

    private void Write(TraceField field, in TraceEvent told)
    {
        long number = told.Numbers[field.Index];
        switch (field.Format)
        {
            case TraceFormat.Hex:
                Line.AddHex(number);
                break;
            case TraceFormat.Comm:
                Line.Add(Names.Of((int)number));
                break;
            case TraceFormat.Text:
                Line.Add(Text.SafeText.Clean(told.Text ?? ""));
                break;
            case TraceFormat.Name:
                Line.Add(field.Names[(int)number]);
                break;
            case TraceFormat.NameAndNumber:
                Line.Add(field.Names[(int)number]).Add(" ("u8).Add(number).Add(")"u8);
                break;
            default:
                Line.Add(number);
                break;
        }
    }
}
