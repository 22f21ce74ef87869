using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Reporting.Events;

/// <summary>Writes events as JSON, one object a Line.</summary>
/// <remarks>
/// Every object has ns, cpu (-1 for none), pid, tid, comm and event, then the fields of the event by their names in
/// perf: numbers as numbers, addresses and bits as strings such as "0x7f".
/// </remarks>
/// <param name="stream">Where to; stays open.</param>
/// <param name="filter">Which events.</param>
public sealed class EventJsonWriter(Stream stream, TraceFilter filter) : TraceLineWriter(stream, filter)
{
    /// <inheritdoc/>
    protected override void Write(in TraceEvent told)
    {
        TracepointInfo info = Tracepoints.Of(told.Point);
        Line.Add("{\"ns\":"u8).Add(told.AtNs).Add(",\"cpu\":"u8).Add(told.Cpu).Add(",\"pid\":"u8).Add(told.Pid);
        Line.Add(",\"tid\":"u8).Add(told.Tid).Add(",\"comm\":"u8).Add(Names.Json(Names.Of(told.Tid)));
        Line.Add(",\"event\":\""u8).Add(info.FullName).Add("\""u8);
        foreach (TraceField field in info.Fields)
        {
            Line.Add(",\""u8).Add(field.Name).Add("\":"u8);
            Write(field, told);
        }

        Line.Add("}\n"u8);
    }

    private void Write(TraceField field, in TraceEvent told)
    {
        long number = told.Numbers[field.Index];
        switch (field.Format)
        {
            case TraceFormat.Hex:
                Line.Add("\""u8).AddHex(number).Add("\""u8);
                break;
            case TraceFormat.Comm:
                Line.Add(Names.Json(Names.Of((int)number)));
                break;
            case TraceFormat.Text:
                Line.Add(Names.Json(told.Text ?? ""));
                break;
            case TraceFormat.Name or TraceFormat.NameAndNumber:
                Line.Add(Names.Json(field.Names[(int)number]));
                break;
            default:
                Line.Add(number);
                break;
        }
    }
}
