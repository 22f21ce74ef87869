using System.Text;
using LinuxMem.Mm.Exec;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Proc.Process;

/// <summary>/proc/PID/stat: 52 fields in a line.</summary>
/// <remarks>
/// Linux: fs/proc/array.c: do_task_stat, v6.18. Priorities, signals and what belongs to terminals are those of a
/// process that never asked for any.
/// </remarks>
public static class PidStatText
{
    private const int SigChld = 17;

    /// <summary>Nanoseconds of a clock tick (USER_HZ is 100).</summary>
    public const long TickNs = 10_000_000;

    /// <summary>Appends the text.</summary>
    public static void Append(StringBuilder text, ProcContext context, in ProcTarget target)
    {
        ThreadGroup group = target.Group;
        Mm? mm = target.Mm;
        var sizes = new MmSizes(mm, context.Memory.Geometry.PageShift);
        char state = target.State[0];
        text.Append(ProcFormat.Invariant, $"{target.Tid} (").AppendName(target.Comm);
        text.Append(ProcFormat.Invariant, $") {state} {target.ParentPid} 0 0 0 -1 0 ");
        text.Append(ProcFormat.Invariant, $"{group.MinFlt} 0 {group.MajFlt} 0 ");
        CpuUsage cpu = context.CpuTimes.Of(group, context.NowNs);
        CpuUsage reaped = group.Reaped.Cpu;
        text.Append(ProcFormat.Invariant, $"{cpu.UserNs / TickNs} {cpu.SystemNs / TickNs} ");
        text.Append(ProcFormat.Invariant, $"{reaped.UserNs / TickNs} {reaped.SystemNs / TickNs} 20 0 ");
        text.Append(ProcFormat.Invariant, $"{Math.Max(1, group.Tasks.Count)} 0 {group.StartNs / TickNs} ");
        ulong vsize = (ulong)sizes.Total << context.Memory.Geometry.PageShift;
        text.Append(ProcFormat.Invariant, $"{vsize} {sizes.Rss} 18446744073709551615 ");
        ImageBounds bounds = mm?.Bounds ?? default;
        text.Append(ProcFormat.Invariant, $"{bounds.StartCode} {bounds.EndCode} {bounds.StartStack} ");
        int waits = state == 'R' ? 0 : 1;
        int exitSignal = target.Tid != group.Pid ? -1 : SigChld;
        int lastCpu = Math.Max(0, target.Task?.LastCpu ?? 0);
        text.Append(ProcFormat.Invariant, $"0 0 0 0 0 0 {waits} 0 0 {exitSignal} {lastCpu} 0 0 0 0 0 ");
        text.Append(ProcFormat.Invariant, $"{bounds.StartData} {bounds.EndData} {mm?.StartBrk ?? 0} ");
        text.Append(ProcFormat.Invariant, $"{bounds.ArgStart} {bounds.ArgEnd} {bounds.EnvStart} {bounds.EnvEnd} ");
        text.Append(ProcFormat.Invariant, $"{ExitCode(group)}\n");
    }

    // As wait4 gives it: the signal, or the code one byte up.
    private static int ExitCode(ThreadGroup group)
    {
        if (!group.IsDead)
            return 0;
        return group.ExitSignal != Abi.Signal.None ? (int)group.ExitSignal : (group.ExitCode & 0xff) << 8;
    }
}
