using LinuxMem.Reporting.Events;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Reporting.Timeline;

/// <summary>Writes the objects of a trace in Chrome's format, one a line.</summary>
internal sealed class SpanEvents(LineBuffer line, TaskNames names)
{
    private bool any;

    /// <summary>A name of a process or thread.</summary>
    public void Meta(string what, int pid, int tid, string name)
    {
        Begin('M', what, pid, tid);
        line.Add(",\"args\":{\"name\":"u8).Add(names.Json(name)).Add("}}"u8);
    }

    /// <summary>Where a process stands among the others: the least first.</summary>
    public void Place(int pid, int place)
    {
        Begin('M', "process_sort_index", pid, pid);
        line.Add(",\"args\":{\"sort_index\":"u8).Add(place).Add("}}"u8);
    }

    /// <summary>A span of a track; with the task that it is of, if that is not the track's.</summary>
    public void Complete(string name, string category, int pid, int tid, long fromNs, long toNs, int? task = null,
        string argument = "tid")
    {
        Begin('X', name, pid, tid);
        line.Add(",\"cat\":\""u8).Add(category).Add("\",\"ts\":"u8).AddMicroseconds(fromNs);
        line.Add(",\"dur\":"u8).AddMicroseconds(toNs - fromNs);
        if (task is { } of)
            line.Add(",\"args\":{\""u8).Add(argument).Add("\":"u8).Add(of).Add("}"u8);
        line.Add("}"u8);
    }

    /// <summary>An arrow from a moment of one track to a moment of another.</summary>
    public void Flow(string name, long id, (int Pid, int Tid, long AtNs) from, (int Pid, int Tid, long AtNs) to)
    {
        Begin('s', name, from.Pid, from.Tid);
        line.Add(",\"cat\":\"lock\",\"id\":"u8).Add(id).Add(",\"ts\":"u8).AddMicroseconds(from.AtNs).Add("}"u8);
        Begin('f', name, to.Pid, to.Tid);
        line.Add(",\"cat\":\"lock\",\"bp\":\"e\",\"id\":"u8).Add(id).Add(",\"ts\":"u8);
        line.AddMicroseconds(to.AtNs).Add("}"u8);
    }

    /// <summary>The beginning or the end of an I/O, or of a request with several.</summary>
    public void Async(char phase, string name, string category, int pid, in TraceEvent told)
    {
        Begin(phase, name, pid, pid + 1 + (int)told.Numbers[0]);
        line.Add(",\"cat\":\""u8).Add(category).Add("\",\"id\":"u8).Add(told.Numbers[4]);
        line.Add(",\"ts\":"u8).AddMicroseconds(told.AtNs);
        line.Add(",\"args\":{\"sector\":"u8).Add(told.Numbers[2]).Add(",\"sectors\":"u8).Add(told.Numbers[3]);
        line.Add("}}"u8);
    }

    /// <summary>Something that takes no time, with its fields.</summary>
    public void Instant(string name, int pid, int tid, in TraceEvent told)
    {
        Begin('i', name, pid, tid);
        line.Add(",\"s\":\"t\",\"ts\":"u8).AddMicroseconds(told.AtNs).Add(",\"args\":{"u8);
        bool first = true;
        foreach (TraceField field in Tracepoints.Of(told.Point).Fields)
        {
            line.Add(first ? "\""u8 : ",\""u8).Add(field.Name).Add("\":"u8);
            first = false;
            if (field.Format == TraceFormat.Text)
                line.Add(names.Json(told.Text ?? ""));
            else if (field.Format == TraceFormat.Comm)
                line.Add(names.Json(names.Of((int)told.Numbers[field.Index])));
            else
                line.Add(told.Numbers[field.Index]);
        }

        line.Add("}}"u8);
    }

    /// <summary>Values of a counter of a process from a moment on.</summary>
    public void Counter(string name, int pid, long atNs, ReadOnlySpan<(string Name, long Value)> values)
    {
        Begin('C', name, pid, pid);
        line.Add(",\"ts\":"u8).AddMicroseconds(atNs).Add(",\"args\":{"u8);
        for (int i = 0; i < values.Length; i++)
        {
            line.Add(i == 0 ? "\""u8 : ",\""u8).Add(values[i].Name).Add("\":"u8).Add(values[i].Value);
        }

        line.Add("}}"u8);
    }

    /// <summary>Nothing comes any more.</summary>
    public void End() => any = false;

    private void Begin(char phase, string name, int pid, int tid)
    {
        if (any)
            line.Add(",\n"u8);
        any = true;
        line.Add("{\"ph\":\""u8).Add(phase.ToString()).Add("\",\"name\":"u8).Add(names.Json(name));
        line.Add(",\"pid\":"u8).Add(pid).Add(",\"tid\":"u8).Add(tid);
    }
}
