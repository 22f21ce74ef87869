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
        "rdwrexshmrmwmemsgdumpfguuwlo" + "iosrrrdcdelfacnrhtsfarwfdd  mmhgnhmg";

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
        AppendFields(text, vma.SpanBytes, stats, vma.Flags);
    }

    /// <inheritdoc/>
    protected override void AppendGate(StringBuilder text)
    {
        AppendGateLine(text);
        AppendFields(text, Memory.Geometry.PageBytes, default, VmFlags.Exec);
    }

    private void AppendFields(StringBuilder text, ulong bytes, in MemSizeStats stats, VmFlags flags)
    {
        text.AppendKb("Size:           ", bytes)
            .AppendKb("KernelPageSize: ", Memory.Geometry.PageBytes)
            .AppendKb("MMUPageSize:    ", Memory.Geometry.PageBytes);
        stats.Append(text, rollup: false);
        text.Append("THPeligible:           0\nVmFlags: ");
        for (ulong rest = (ulong)flags; rest != 0; rest &= rest - 1)
        {
            int at = 2 * BitOperations.TrailingZeroCount(rest);
            if (at < Mnemonics.Length && Mnemonics[at] != ' ')
                text.Append(Mnemonics, at, 2).Append(' ');
        }

        text.Append('\n');
    }
}
