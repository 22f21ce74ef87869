using System.Text;

namespace LinuxMem.Mm.Proc.Process;

/// <summary>/proc/PID/statm: sizes in pages.</summary>
/// <remarks>Linux: fs/proc/array.c: proc_pid_statm, v6.18.</remarks>
public static class StatmText
{
    /// <summary>Appends the text.</summary>
    public static void Append(StringBuilder text, ProcContext context, in ProcTarget target)
    {
        var sizes = new MmSizes(target.Mm, context.Memory.Geometry.PageShift);
        text.Append(ProcFormat.Invariant,
            $"{sizes.Total} {sizes.Rss} {sizes.File + sizes.Shmem} {sizes.Text} 0 {sizes.Data + sizes.Stack} 0\n");
    }
}
