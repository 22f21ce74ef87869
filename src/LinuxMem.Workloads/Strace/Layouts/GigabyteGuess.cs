using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Layouts;

/// <summary>
/// Whether the CPUs of a log's machine know huge pages of 1 GiB. It is a fact of the machine: who asks for some where
/// there is no such size is told so, and otherwise that there are none left.
/// </summary>
/// <remarks>
/// Linux: mm/hugetlb.c: size_to_hstate, arch/x86/mm/hugetlbpage.c: gigantic_pages_init; ipc/shm.c: newseg, v6.18.
/// </remarks>
internal static class GigabyteGuess
{
    private const ulong ShmHuge = 0x800, MemfdHuge = 4;
    private const int SizeShift = 26;
    private const ulong SizeMask = 0x3f, GigabyteShift = 30;

    /// <summary>False if the log's first refusal of such pages says that there is no such size.</summary>
    internal static bool Make(StraceLog log)
    {
        foreach (StraceEvent call in log.Events)
        {
            if (call.Kind != StraceEventKind.Call || !call.IsEnded
                || call.Result.Error is not ("EINVAL" or "ENODEV" or "ENOMEM")
                || (SyscallNr)call.Nr is not (SyscallNr.Mmap or SyscallNr.Shmget or SyscallNr.MemfdCreate))
                continue;
            bool asks = Asks(call);
            call.Forget();
            if (asks)
                return call.Result.Error == "ENOMEM";
        }

        return true;
    }

    private static bool Asks(StraceEvent call)
    {
        (ulong flags, ulong huge, bool some) = (SyscallNr)call.Nr switch
        {
            SyscallNr.Mmap => (call[3].Number, (ulong)(MapFlags.HugeTlb | MapFlags.Anonymous), call[1].Number != 0),
            SyscallNr.Shmget => (call[2].Number, ShmHuge, call[1].Number != 0),
            _ => (call[1].Number, MemfdHuge, true),
        };
        return some && (flags & huge) == huge && ((flags >> SizeShift) & SizeMask) == GigabyteShift;
    }
}
