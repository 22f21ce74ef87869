using System.Globalization;
using System.Text;
using LinuxMem.Abi;

namespace LinuxMem.Mm.Proc.Process;

/// <summary>/proc/PID/limits.</summary>
/// <remarks>
/// Linux: fs/proc/base.c: proc_pid_limits, v6.18. Limits that are not modelled are those that init starts with
/// (include/asm-generic/resource.h: INIT_RLIMITS).
/// </remarks>
public static class LimitsText
{
    private const ulong ThreadBytes = 16384;

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
        const ulong none = ulong.MaxValue;
        ResourceLimits limits = target.Group.Limits;
        ulong threads = MaxThreads(context) / 2;
        text.Append("Limit                     Soft Limit           Hard Limit           Units     \n");
        Line(text, "Max cpu time", none, none, "seconds");
        Line(text, "Max file size", none, none, "bytes");
        Line(text, "Max data size", limits.DataBytes, none, "bytes");
        Line(text, "Max stack size", limits.StackBytes, none, "bytes");
        Line(text, "Max core file size", 0, none, "bytes");
        Line(text, "Max resident set", none, none, "bytes");
        Line(text, "Max processes", threads, threads, "processes");
        Line(text, "Max open files", 1024, 4096, "files");
        Line(text, "Max locked memory", limits.MemlockBytes, limits.MemlockBytes, "bytes");
        Line(text, "Max address space", limits.AddressSpaceBytes, none, "bytes");
        Line(text, "Max file locks", none, none, "locks");
        Line(text, "Max pending signals", threads, threads, "signals");
        Line(text, "Max msgqueue size", 819200, 819200, "bytes");
        Line(text, "Max nice priority", 0, 0, "");
        Line(text, "Max realtime priority", 0, 0, "");
        Line(text, "Max realtime timeout", none, none, "us");
    }

    private static void Line(StringBuilder text, string name, ulong soft, ulong hard, string unit)
    {
        text.Append(name.PadRight(25)).Append(' ').Append(Value(soft).PadRight(20)).Append(' ')
            .Append(Value(hard).PadRight(20)).Append(' ');
        text.Append(unit.Length == 0 ? "" : unit.PadRight(10)).Append('\n');
    }

    private static string Value(ulong limit) =>
        limit == ulong.MaxValue ? "unlimited" : limit.ToString(CultureInfo.InvariantCulture);
}
