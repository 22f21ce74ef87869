using System.Collections.Immutable;

namespace LinuxMem.Simulation.Tracing;

/// <summary>How a field of an event is written.</summary>
public enum TraceFormat : byte
{
    /// <summary>A decimal number.</summary>
    Number,

    /// <summary>An address or bits: 0x and hexadecimal digits.</summary>
    Hex,

    /// <summary>The name of the task whose tid the number is.</summary>
    Comm,

    /// <summary>The event's text.</summary>
    Text,

    /// <summary>A name from <see cref="TraceField.Names"/>.</summary>
    Name,

    /// <summary>The name, then the number in brackets.</summary>
    NameAndNumber,
}

/// <summary>A field of a kind of event.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Index">Which of the event's numbers.</param>
/// <param name="Format">How it is written.</param>
/// <param name="Before">What stands before it in a line of perf script, if not a space, the name and "=".</param>
public sealed record TraceField(string Name, int Index, TraceFormat Format = TraceFormat.Number, string? Before = null)
{
    /// <summary>Names of its values, from 0.</summary>
    public ImmutableArray<string> Names { get; init; } = [];

    /// <summary>What stands behind it in a line of perf script.</summary>
    public string After { get; init; } = "";
}

/// <summary>A kind of event.</summary>
/// <param name="Point">Which.</param>
/// <param name="System">Its group.</param>
/// <param name="Name">Its name in the group.</param>
/// <param name="Fields">Its fields.</param>
public sealed record TracepointInfo(
    Tracepoint Point, string System, string Name, ImmutableArray<TraceField> Fields)
{
    /// <summary>Group and name, as perf writes them.</summary>
    public string FullName { get; } = System + ":" + Name;
}

/// <summary>The kinds of events: names and fields as `perf script` shows them.</summary>
/// <remarks>
/// Linux: include/trace/events/*.h, v6.18. The group linuxmem is the simulator's own; so are fields that stand at the
/// end of a line and that Linux does not have (sched_switch: wait; tlb_flush: targets, wait_ns).
/// </remarks>
public static class Tracepoints
{
    private static readonly Dictionary<string, Tracepoint> ByName = Index();

    /// <summary>Every kind, in the order of <see cref="Tracepoint"/>.</summary>
    public static ImmutableArray<TracepointInfo> All => TracepointTable.All;

    /// <summary>Describes a kind.</summary>
    public static TracepointInfo Of(Tracepoint point) => All[(int)point];

    /// <summary>The kind of that name, with or without its group.</summary>
    public static bool TryFind(string name, out Tracepoint point) => ByName.TryGetValue(name, out point);

    private static Dictionary<string, Tracepoint> Index()
    {
        var index = new Dictionary<string, Tracepoint>(StringComparer.Ordinal);
        for (int i = 0; i < All.Length; i++)
        {
            KernelBug.Assert(All[i].Point == (Tracepoint)i, $"tracepoint {i} is described as {All[i].Point}");
            index.Add(All[i].FullName, All[i].Point);
            index.Add(All[i].Name, All[i].Point);
        }

        return index;
    }
}
