using System.Text.Json;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Reporting.Events;

/// <summary>The names of tasks, as the events of a run tell them; and texts, ready to be written.</summary>
public sealed class TaskNames
{
    private readonly Dictionary<int, string> names = [];
    private readonly Dictionary<int, int> pids = [];
    private readonly Dictionary<string, string> escaped = [];

    /// <summary>Learns from an event. Every event has to be shown, wanted or not.</summary>
    public void Learn(in TraceEvent told)
    {
        int tid = (int)told.Numbers[0];
        if (told.Point == Tracepoint.TaskNewTask)
        {
            names[tid] = SafeText.Clean(told.Text!);
            pids[tid] = (int)told.Numbers[1];
        }
        else if (told.Point == Tracepoint.SchedProcessExec)
        {
            names[tid] = SafeText.Clean(told.Text!);
        }
    }

    /// <summary>The name of a task or kernel thread; perf's ":tid" for one that nobody told of.</summary>
    public string Of(int tid)
    {
        if (KernelThreads.NameOf(tid) is { } thread)
            return thread;
        if (!names.TryGetValue(tid, out string? name))
            names[tid] = name = ":" + tid.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return name;
    }

    /// <summary>The process of a task; its own number where nobody told.</summary>
    public int PidOf(int tid) => pids.GetValueOrDefault(tid, tid);

    /// <summary>A text as a JSON string, with its quotation marks.</summary>
    public string Json(string text)
    {
        if (!escaped.TryGetValue(text, out string? json))
            escaped[text] = json = "\"" + JsonEncodedText.Encode(text).Value + "\"";
        return json;
    }
}
