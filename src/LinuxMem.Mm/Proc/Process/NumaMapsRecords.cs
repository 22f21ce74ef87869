using System.Text;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Proc.Files;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Proc.Process;

/// <summary>/proc/PID/numa_maps: policy and pages of each VMA, on a machine of one node.</summary>
/// <remarks>
/// Linux: fs/proc/task_mmu.c: show_numa_map, gather_stats, v6.18. Memory policies are not modelled: every VMA has the
/// default one.
/// </remarks>
public sealed class NumaMapsRecords : SeqRecords
{
    private readonly KernelMemory memory;
    private readonly Mm mm;

    /// <summary>Of an address space.</summary>
    public NumaMapsRecords(KernelMemory memory, Mm mm)
    {
        this.memory = memory;
        this.mm = mm;
    }

    /// <inheritdoc/>
    public override SeqShow Show(StringBuilder text, ref ulong position)
    {
        if (mm.Users == 0 || mm.Vmas.Tree.Find(position) is not { } vma)
            return SeqShow.End;
        position = vma.End;
        text.Append(ProcFormat.Invariant, $"{vma.Start:x8} default");
        AppendBacking(text, vma);
        Counts counts = Count(vma);
        if (counts.Pages != 0)
            AppendCounts(text, counts);
        text.Append('\n');
        return SeqShow.Record;
    }

    private void AppendBacking(StringBuilder text, Vma vma)
    {
        if (vma.Mapping is { } mapping)
            text.Append(" file=").Append(mapping.Name.Replace("\n", "\\012", StringComparison.Ordinal)
                .Replace("\t", "\\011", StringComparison.Ordinal).Replace(" ", "\\040", StringComparison.Ordinal));
        else if (vma.Start < mm.Brk && vma.End > mm.StartBrk)
            text.Append(" heap");
        else if (vma.Start <= mm.Bounds.StartStack && vma.End >= mm.Bounds.StartStack)
            text.Append(" stack");
    }

    private void AppendCounts(StringBuilder text, in Counts counts)
    {
        if (counts.Anon != 0)
            text.Append(ProcFormat.Invariant, $" anon={counts.Anon}");
        if (counts.Dirty != 0)
            text.Append(ProcFormat.Invariant, $" dirty={counts.Dirty}");
        if (counts.Pages != counts.Anon && counts.Pages != counts.Dirty)
            text.Append(ProcFormat.Invariant, $" mapped={counts.Pages}");
        if (counts.MapCountMax > 1)
            text.Append(ProcFormat.Invariant, $" mapmax={counts.MapCountMax}");
        if (counts.Active < counts.Pages)
            text.Append(ProcFormat.Invariant, $" active={counts.Active}");
        if (counts.Writeback != 0)
            text.Append(ProcFormat.Invariant, $" writeback={counts.Writeback}");
        text.Append(ProcFormat.Invariant,
            $" N0={counts.Pages} kernelpagesize_kB={memory.Geometry.PageBytes >> 10}");
    }

    private Counts Count(Vma vma)
    {
        var counts = default(Counts);
        ulong dirty = memory.Geometry.Format.Dirty;
        new MappedPages(memory).Visit(mm, vma, (ulong entry, in PageFrame frame) =>
        {
            counts.Pages++;
            if ((entry & dirty) != 0 || (frame.Flags & PageFlags.Dirty) != 0)
                counts.Dirty++;
            if ((frame.Flags & (PageFlags.Active | PageFlags.Unevictable)) != 0)
                counts.Active++;
            if ((frame.Flags & PageFlags.Writeback) != 0)
                counts.Writeback++;
            if (frame.Place == FramePlace.Anon)
                counts.Anon++;
            counts.MapCountMax = Math.Max(counts.MapCountMax, frame.MapCount);
        });
        return counts;
    }

    private struct Counts
    {
        public long Pages;
        public long Dirty;
        public long Active;
        public long Writeback;
        public long Anon;
        public long MapCountMax;
    }
}
