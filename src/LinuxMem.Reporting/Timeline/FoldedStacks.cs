using System.Globalization;

namespace LinuxMem.Reporting.Timeline;

/// <summary>
/// Writes where tasks spent their time as folded stacks: a line for each place, "name;call;wait nanoseconds", for tools
/// that draw flame graphs.
/// </summary>
/// <remarks>
/// The time is virtual, and all of a task's life: user (its program), a call or page_fault with its kind, and in these
/// tlb_shootdown, lock:NAME, io, memory, sleep, and runqueue for the time in which it could have run. Tasks of one name
/// are one. The lines are sorted, and their numbers add up to the lives of all tasks.
/// </remarks>
/// <param name="stream">Where to; stays open.</param>
public sealed class FoldedStacks(Stream stream) : TaskTimeline
{
    private static readonly string[] Names =
        ["user", "", "lock:", "runqueue", "sleep", "io", "memory", "tlb_shootdown"];

    private readonly Dictionary<(string Comm, string? Place, TaskPhase Phase, string? Lock), long> times = [];

    /// <inheritdoc/>
    protected override void Did(TaskTime task, string? fault, in TaskStretch stretch)
    {
        string? place = fault is null ? task.Call : "page_fault;" + fault;
        var key = (task.Comm, place, stretch.Phase, stretch.Lock);
        times[key] = times.GetValueOrDefault(key) + stretch.Ns;
    }

    /// <inheritdoc/>
    protected override void Finish()
    {
        var lines = new List<string>();
        foreach (((string comm, string? place, TaskPhase phase, string? name), long ns) in times)
        {
            string stack = comm.Replace(';', ':') + (place is null ? "" : ";" + place);
            string leaf = phase == TaskPhase.Lock ? "lock:" + (name ?? "futex") : Names[(int)phase];
            if (leaf.Length > 0)
                stack += ";" + leaf;
            else if (place is null)
                stack += ";kernel";
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{stack} {ns}"));
        }

        lines.Sort(StringComparer.Ordinal);
        using var text = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        foreach (string line in lines)
            text.WriteLine(line);
    }
}
