using System.Buffers.Text;
using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Layouts;

/// <summary>
/// Where position-independent programs of a log begin that are loaded without randomisation: at the usual place, or
/// below it, where one of them is aligned to more than a page, and calls show that something is there.
/// </summary>
/// <remarks>Linux: fs/binfmt_elf.c: load_elf_binary, maximum_alignment; ELF_ET_DYN_BASE, x86-64, v6.18.</remarks>
internal static class ProgramBase
{
    /// <summary>Where they begin if nothing in them is aligned to more than 16 KiB.</summary>
    internal const ulong Usual = 0x5555_5555_4000;

    // With 2 MiB, the largest alignment that linkers give.
    private const ulong Lowest = 0x5555_5540_0000;

    private const int Digits = 12;

    /// <summary>The lowest place that the log shows.</summary>
    internal static ulong Find(StraceLog log)
    {
        ulong found = Usual;
        foreach (StraceEvent call in log.Events)
        {
            if (call.Kind == StraceEventKind.Call && NeedsMapping((SyscallNr)call.Nr)
                && call.ResultText.Span.StartsWith("0"u8) && call.ArgumentText.Span.StartsWith("0x555555"u8)
                && Utf8Parser.TryParse(call.ArgumentText.Span[2..], out ulong address, out int length, 'x')
                && length == Digits && address is >= Lowest and < Usual)
                found = Math.Min(found, address);
        }

        return found;
    }

    // Those that fail where nothing is mapped.
    private static bool NeedsMapping(SyscallNr nr) => nr is SyscallNr.Madvise or SyscallNr.Mprotect or SyscallNr.Mlock
        or SyscallNr.Mlock2 or SyscallNr.Munlock or SyscallNr.Msync or SyscallNr.Mincore;
}
