using System.Text;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.PageTables;

namespace LinuxMem.Mm.Proc.Process;

/// <summary>/proc/PID/cmdline and environ: strings of the program's own memory.</summary>
/// <remarks>
/// Linux: fs/proc/base.c: get_mm_cmdline, environ_read, v6.18. Pages that are not there end the text: nothing is
/// faulted in. A process whose arguments were not written to its stack, because its program came without any or because
/// contents of memory are not kept (machine.contents), has one: the path of its program, as init would have given it.
/// </remarks>
public static class CmdlineText
{
    /// <summary>Appends the arguments, each with a zero byte behind it; nothing without an address space.</summary>
    public static void AppendArguments(StringBuilder text, KernelMemory memory, in ProcTarget target)
    {
        if (target.Mm is not { } mm)
            return;
        int before = text.Length;
        Append(text, memory, mm, mm.Bounds.ArgStart, mm.Bounds.ArgEnd);
        if (text.Length == before)
            text.Append(mm.Vmas.Tree.FindContaining(mm.Bounds.StartCode)?.Mapping?.Name ?? target.Comm).Append('\0');
    }

    /// <summary>Appends the bytes of [start, end) of an address space, which are taken for UTF-8.</summary>
    public static void Append(StringBuilder text, KernelMemory memory, Mm? mm, ulong start, ulong end)
    {
        if (mm is null || memory.Ram.Contents != ContentMode.Bytes)
            return;
        var bytes = new List<byte>();
        for (ulong va = start; va < end; va++)
        {
            PteSlot slot = memory.Tables.Find(mm, va);
            ulong entry = slot.Exists ? memory.Tables.Read(slot) : 0;
            if ((entry & memory.Geometry.Format.Present) == 0)
                break;
            var pfn = new Pfn(memory.Geometry.Format.PfnOf(entry));
            int offset = (int)(va & memory.Geometry.PageOffsetMask);
            ulong word = memory.Ram.ReadWord(pfn, offset & ~7);
            bytes.Add((byte)(word >> (8 * (offset & 7))));
        }

        text.Append(Encoding.UTF8.GetString([.. bytes]));
    }
}
