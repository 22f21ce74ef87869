using System.Globalization;
using System.Text;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Proc.Process;

/// <summary>/proc/PID/limits.</summary>
/// <remarks>
/// Linux: fs/proc/base.c: proc_pid_limits, v6.18.
/// </remarks>
public static class LimitsText
{
    private const ulong ThreadBytes = 16384;

    private static readonly (Rlimit Resource, string Name, string Unit)[] Rows =
    [
        (Rlimit.Cpu, "Max cpu time", "seconds"),
        (Rlimit.FileSize, "Max file size", "bytes"),
        (Rlimit.Data, "Max data size", "bytes"),
        (Rlimit.Stack, "Max stack size", "bytes"),
        (Rlimit.Core, "Max core file size", "bytes"),
        (Rlimit.Rss, "Max resident set", "bytes"),
        (Rlimit.Processes, "Max processes", "processes"),
        (Rlimit.OpenFiles, "Max open files", "files"),
        (Rlimit.Memlock, "Max locked memory", "bytes"),
        (Rlimit.AddressSpace, "Max address space", "bytes"),
        (Rlimit.Locks, "Max file locks", "locks"),
        (Rlimit.PendingSignals, "Max pending signals", "signals"),
        (Rlimit.MessageQueues, "Max msgqueue size", "bytes"),
        (Rlimit.Nice, "Max nice priority", ""),
        (Rlimit.RealTimePriority, "Max realtime priority", ""),
        (Rlimit.RealTime, "Max realtime timeout", "us"),
    ];

    /// <summary>The most threads of a machine: their kernel stacks may take an eighth of its memory.</summary>
    /// <remarks>Linux: kernel/fork.c: set_max_threads, v6.18.</remarks>
    public static ulong MaxThreads(ProcContext context)
    {
        ulong bytes = (ulong)context.Memory.Allocator.ManagedPages << context.Memory.Geometry.PageShift;
        return Math.Max(20, bytes / (ThreadBytes * 8));
    }

    /// <summary>Appends the text.</summary>
    public static void Append(StringBuilder text, ProcContext context, in ProcTarget target)
    {
        text.Append("Limit                     Soft Limit           Hard Limit           Units     \n");
        foreach ((Rlimit resource, string name, string unit) in Rows)
        {
            text.Append(name.PadRight(25)).Append(' ')
                .Append(Value(target.Group.Limits.Soft(resource)).PadRight(20)).Append(' ')
                .Append(Value(target.Group.Limits.Hard(resource)).PadRight(20)).Append(' ');
            text.Append(unit.Length == 0 ? "" : unit.PadRight(10)).Append('\n');
        }
    }

    private static string Value(ulong limit) =>
        limit == ulong.MaxValue ? "unlimited" : limit.ToString(CultureInfo.InvariantCulture);
}
