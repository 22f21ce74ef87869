using System.Text;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.PageTables;

namespace LinuxMem.Mm.Proc.Process;

/// <summary>/proc/PID/cmdline and environ: strings of the program's own memory.</summary>
/// <remarks>
/// Linux: fs/proc/base.c: get_mm_cmdline, environ_read, v6.18. Pages that are not there end the text: nothing is
/// faulted in. Without contents of memory (machine.contents), and for programs that were given no arguments, the text
/// is empty.
/// </remarks>
public static class CmdlineText
{
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
