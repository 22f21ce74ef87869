using System.Numerics;
using System.Text;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Proc.Process;

/// <summary>/proc/PID/smaps: what each VMA's memory is, counted in its page tables when it is read.</summary>
/// <remarks>Linux: fs/proc/task_mmu.c: show_smap, show_smap_vma_flags, v6.18, without huge pages and pkeys.</remarks>
public sealed class SmapsRecords : MapsRecords
{
    // Two letters for every bit of vm_flags that has them, by bit; soft-dirty tracking is not built in.
    private const string Mnemonics =
        "rdwrexshmrmwmemsgdumpfguuwlo" + "iosrrrdcdelfacnrhtsfarwfdd  mmhgnhmg" + "                dpuisl";

    private readonly MappedPages pages;
    private readonly SwapSharers sharers;

    /// <summary>Of an address space.</summary>
    public SmapsRecords(ProcContext context, Mm mm)
        : base(context.Memory, mm)
    {
        pages = new MappedPages(context.Memory);
        sharers = new SwapSharers(context);
    }

    /// <inheritdoc/>
    protected override void AppendVma(StringBuilder text, Vma vma)
    {
        base.AppendVma(text, vma);
        var stats = default(MemSizeStats);
        pages.Gather(Mm, vma, sharers, ref stats);
        Memory.Locks.ReadsSpace(Mm, (long)(stats.Resident >> Memory.Geometry.PageShift));
        AppendFields(text, vma.SpanBytes, stats, vma.Flags, MayBeHuge(vma));
    }

    // Linux: mm/huge_memory.c: __thp_vma_allowable_orders, thp_vma_suitable_order, v6.18, with transparent huge pages
    // "madvise" and those of other sizes "never". Below the first 2 MiB the last place for one wraps around, and fits.
    private static bool MayBeHuge(Vma vma)
    {
        const ulong hugeBytes = 2UL << 20;
        if (vma.Mapping is not null || (vma.Flags & (VmFlags.HugePage | VmFlags.Special)) != VmFlags.HugePage)
            return false;
        ulong last = unchecked(vma.End - hugeBytes) & ~(hugeBytes - 1);
        return last >= vma.Start && unchecked(last + hugeBytes) <= vma.End;
    }

    /// <inheritdoc/>
    protected override void AppendGate(StringBuilder text)
    {
        AppendGateLine(text);
        AppendFields(text, Memory.Geometry.PageBytes, default, VmFlags.Exec, mayBeHuge: false);
    }

    private void AppendFields(
        StringBuilder text, ulong bytes, in MemSizeStats stats, VmFlags flags, bool mayBeHuge)
    {
        text.AppendKb("Size:           ", bytes)
            .AppendKb("KernelPageSize: ", Memory.Geometry.PageBytes)
            .AppendKb("MMUPageSize:    ", Memory.Geometry.PageBytes);
        stats.Append(text, rollup: false);
        text.Append("THPeligible:           ").Append(mayBeHuge ? '1' : '0').Append("\nVmFlags: ");
        for (ulong rest = (ulong)flags; rest != 0; rest &= rest - 1)
        {
            int at = 2 * BitOperations.TrailingZeroCount(rest);
            if (at < Mnemonics.Length && Mnemonics[at] != ' ')
                text.Append(Mnemonics, at, 2).Append(' ');
        }

        text.Append('\n');
    }
}
