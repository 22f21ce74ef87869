namespace LinuxMem.Mm.Tasks;

/// <summary>What the children that a process has waited for used, and theirs: RUSAGE_CHILDREN.</summary>
/// <remarks>Linux: kernel/exit.c: wait_task_zombie (cmin_flt, cmaj_flt, cmaxrss), v6.18.</remarks>
/// <param name="Cpu">Time on CPUs, and switches.</param>
/// <param name="MaxRssPages">The largest resident set of any.</param>
/// <param name="MinFlt">Faults without I/O.</param>
/// <param name="MajFlt">Faults with I/O.</param>
public readonly record struct ReapedUsage(CpuUsage Cpu, long MaxRssPages, long MinFlt, long MajFlt)
{
    /// <summary>With a child more.</summary>
    public ReapedUsage With(ThreadGroup child) => new(
        Cpu + child.Cpu + child.Reaped.Cpu,
        Math.Max(MaxRssPages, Math.Max(child.MaxRssPages, child.Reaped.MaxRssPages)),
        MinFlt + child.MinFlt + child.Reaped.MinFlt, MajFlt + child.MajFlt + child.Reaped.MajFlt);
}
