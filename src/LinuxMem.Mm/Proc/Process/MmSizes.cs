namespace LinuxMem.Mm.Proc.Process;

/// <summary>The sizes of an address space that status, statm and stat show, in pages; all zero without one.</summary>
/// <remarks>Linux: fs/proc/task_mmu.c: task_mem, task_statm, v6.18.</remarks>
public readonly record struct MmSizes
{
    /// <summary>Of an address space, or of none.</summary>
    public MmSizes(Mm? mm, int pageShift)
    {
        if (mm is null)
            return;
        Total = (long)mm.Vmas.TotalVmPages;
        Peak = Math.Max((long)mm.Vmas.PeakVmPages, Total);
        Rss = mm.Rss;
        HiwaterRss = Math.Max(mm.HiwaterRss, Rss);
        Anon = mm.RssAnon;
        File = mm.RssFile;
        Shmem = mm.RssShmem;
        Data = (long)mm.Vmas.DataVmPages;
        Stack = (long)mm.Vmas.StackVmPages;
        Locked = (long)mm.Vmas.LockedVmPages;
        Text = TextPages(mm, pageShift);
        Exec = (long)mm.Vmas.ExecVmPages;
        Tables = mm.PageTablePages - 1;
    }


    /// <summary>All pages (VmSize).</summary>
    public long Total { get; }

    /// <summary>The most pages it ever had (VmPeak).</summary>
    public long Peak { get; }

    /// <summary>Pages resident (VmRSS).</summary>
    public long Rss { get; }

    /// <summary>The most pages resident (VmHWM).</summary>
    public long HiwaterRss { get; }

    /// <summary>Anonymous pages resident (RssAnon).</summary>
    public long Anon { get; }

    /// <summary>Pages of files resident (RssFile).</summary>
    public long File { get; }

    /// <summary>Pages of shared memory resident (RssShmem).</summary>
    public long Shmem { get; }

    /// <summary>Private writable pages (VmData).</summary>
    public long Data { get; }

    /// <summary>Pages of stacks (VmStk).</summary>
    public long Stack { get; }

    /// <summary>Locked pages (VmLck).</summary>
    public long Locked { get; }

    /// <summary>Pages of the program's own code, from its bounds.</summary>
    public long Text { get; }

    /// <summary>Executable pages that cannot be written.</summary>
    public long Exec { get; }

    /// <summary>Page-table pages without the root, which Linux does not count (VmPTE).</summary>
    public long Tables { get; }

    /// <summary>VmExe: code of the program, as far as there are executable pages.</summary>
    public long Exe => Math.Min(Text, Exec);

    /// <summary>VmLib: other code.</summary>
    public long Lib => Exec - Exe;

    private static long TextPages(Mm mm, int pageShift)
    {
        ulong inPage = (1UL << pageShift) - 1;
        return (long)((((mm.Bounds.EndCode + inPage) & ~inPage) - (mm.Bounds.StartCode & ~inPage)) >> pageShift);
    }
}
