using System.Text;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Proc.Process;

/// <summary>/proc/PID/smaps_rollup: what smaps counts, over the whole address space.</summary>
/// <remarks>Linux: fs/proc/task_mmu.c: show_smaps_rollup, v6.18.</remarks>
public static class SmapsRollup
{
    /// <summary>Appends the text; false if the address space is gone.</summary>
    public static bool Append(StringBuilder text, ProcContext context, Mm? mm)
    {
        if (mm is null || mm.Users == 0)
            return false;
        MemSizeStats stats = Sum(context, mm);
        context.Memory.Locks.ReadsSpace(mm, mm.Rss);
        ulong start = mm.Vmas.Tree.First?.Start ?? 0;
        ulong end = mm.Vmas.Tree.Last?.End ?? 0;
        int lineStart = text.Length;
        text.Append(ProcFormat.Invariant, $"{start:x8}-{end:x8} ---p 00000000 00:00 0 ");
        text.Append(' ', Math.Max(1, MapsText.NameColumn - (text.Length - lineStart))).Append("[rollup]\n");
        stats.Append(text, rollup: true);
        return true;
    }

    /// <summary>What all VMAs of an address space add up to.</summary>
    public static MemSizeStats Sum(ProcContext context, Mm mm)
    {
        var pages = new MappedPages(context.Memory);
        var sharers = new SwapSharers(context);
        var stats = default(MemSizeStats);
        for (Vma? vma = mm.Vmas.Tree.First; vma is not null; vma = vma.Next)
            pages.Gather(mm, vma, sharers, ref stats);
        return stats;
    }
}
