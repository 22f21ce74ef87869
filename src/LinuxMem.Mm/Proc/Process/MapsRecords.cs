using System.Text;
using LinuxMem.Mm.Proc.Files;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Proc.Process;

/// <summary>/proc/PID/maps: a record for every VMA, and one for [vsyscall].</summary>
/// <remarks>
/// Linux: fs/proc/task_mmu.c: m_start, m_next, show_map, v6.18. The position is the end of the VMA shown last, so that
/// a reading goes on with whatever VMA comes after it by then.
/// </remarks>
public class MapsRecords : SeqRecords
{
    // Where user space ends no VMA begins; Linux's SENTINEL_VMA_GATE.
    private const ulong GatePosition = EndPosition - 1;

    /// <summary>Of an address space.</summary>
    public MapsRecords(KernelMemory memory, Mm mm)
    {
        Memory = memory;
        Mm = mm;
    }

    /// <summary>The machine's memory.</summary>
    protected KernelMemory Memory { get; }

    /// <summary>The address space.</summary>
    protected Mm Mm { get; }

    /// <summary>Where heap and stack are now.</summary>
    protected MapsLabels Labels => new(Mm.StartBrk, Mm.Brk, Mm.Bounds.StartStack);

    /// <inheritdoc/>
    public sealed override SeqShow Show(StringBuilder text, ref ulong position)
    {
        if (Mm.Users == 0)
            return SeqShow.End;
        if (position != GatePosition)
        {
            if (Mm.Vmas.Tree.Find(position) is { } vma)
            {
                AppendVma(text, vma);
                position = vma.End;
                return SeqShow.Record;
            }

            if (Memory.Geometry.GateAddress == 0)
                return SeqShow.End;
        }

        AppendGate(text);
        position = EndPosition;
        return SeqShow.Record;
    }

    /// <summary>Appends the record of a VMA.</summary>
    protected virtual void AppendVma(StringBuilder text, Vma vma) =>
        MapsText.AppendLine(text, vma, Memory.Geometry.PageShift, Labels);

    /// <summary>Appends the record of [vsyscall].</summary>
    protected virtual void AppendGate(StringBuilder text) => AppendGateLine(text);

    /// <summary>Appends the line of [vsyscall], which may be executed and nothing else (vsyscall=xonly).</summary>
    /// <remarks>Linux: arch/x86/entry/vsyscall/vsyscall_64.c: gate_vma, v6.18.</remarks>
    protected void AppendGateLine(StringBuilder text)
    {
        ulong start = Memory.Geometry.GateAddress;
        text.Append(ProcFormat.Invariant, $"{start:x8}-{start + Memory.Geometry.PageBytes:x8} --xp 00000000 00:00 0 ")
            .Append(' ', 17).Append("[vsyscall]\n");
    }
}
