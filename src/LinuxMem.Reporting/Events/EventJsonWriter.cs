using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Reporting.Events;

/// <summary>Writes events as JSON, one object a line.</summary>
/// <remarks>
/// Every object has ns, cpu (-1 for none), pid, tid, comm and event, then the fields of the event by their names in
/// perf: numbers as numbers, addresses and bits as strings such as "0x7f".
/// </remarks>
/// <param name="stream">Where to; stays open.</param>
/// <param name="filter">Which events.</param>
public sealed class EventJsonWriter(Stream stream, TraceFilter filter) : ITraceSink, IDisposable
{
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
        TracepointInfo info = Tracepoints.Of(told.Point);
        line.Add("{\"ns\":"u8).Add(told.AtNs).Add(",\"cpu\":"u8).Add(told.Cpu).Add(",\"pid\":"u8).Add(told.Pid);
        line.Add(",\"tid\":"u8).Add(told.Tid).Add(",\"comm\":"u8).Add(names.Json(names.Of(told.Tid)));
        line.Add(",\"event\":\""u8).Add(info.FullName).Add("\""u8);
        foreach (TraceField field in info.Fields)
        {
            line.Add(",\""u8).Add(field.Name).Add("\":"u8);
            Write(field, told);
        }

        line.Add("}\n"u8);
    }

    private void Write(TraceField field, in TraceEvent told)
    {
        long number = told.Numbers[field.Index];
        switch (field.Format)
        {
            case TraceFormat.Hex:
                line.Add("\""u8).AddHex(number).Add("\""u8);
                break;
            case TraceFormat.Comm:
                line.Add(names.Json(names.Of((int)number)));
                break;
            case TraceFormat.Text:
                line.Add(names.Json(told.Text ?? ""));
                break;
            case TraceFormat.Name or TraceFormat.NameAndNumber:
                line.Add(names.Json(field.Names[(int)number]));
                break;
            default:
                line.Add(number);
                break;
        }
    }
}
