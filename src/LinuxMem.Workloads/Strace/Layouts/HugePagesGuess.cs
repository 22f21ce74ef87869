using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Calls;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Layouts;

/// <summary>
/// How many huge pages the machine of a log had set aside when the log began. It is a fact of the machine: the log
/// tells where it reads the number, or where promises are kept before anybody sets it.
/// </summary>
internal static class HugePagesGuess
{
    /// <summary>What machines for tests of huge pages set aside, where the log tells no more than that there are some.
    /// </summary>
    internal const long Usual = 128;

    private const ulong NoReserve = 0x4000, ShmHuge = 0x800, MemfdHuge = 4;

    /// <summary>The pages of the pool of the default size.</summary>
    internal static long Make(StraceLog log)
    {
        var counters = new HashSet<(int Tid, int Fd)>();
        var files = new HashSet<(int Tid, int Fd)>();
        var keys = new HashSet<ulong>();
        foreach (StraceEvent call in log.Events)
        {
            if (call.Kind != StraceEventKind.Call || !call.IsEnded || !MayTell((SyscallNr)call.Nr)
                || !call.Result.IsSuccess)
                continue;
            long? pages = Look(call, counters, files, keys);
            call.Forget();
            if (pages is { } found)
                return found;
        }

        return 0;
    }

    private static bool MayTell(SyscallNr nr) => nr is SyscallNr.Open or SyscallNr.Openat or SyscallNr.Close
        or SyscallNr.Read or SyscallNr.Write or SyscallNr.Mmap or SyscallNr.Shmget or SyscallNr.MemfdCreate;

    private static long? Look(
        StraceEvent call, HashSet<(int, int)> counters, HashSet<(int, int)> files, HashSet<ulong> keys)
    {
        switch ((SyscallNr)call.Nr)
        {
            case SyscallNr.Open or SyscallNr.Openat:
                string path = call[call.Nr == (int)SyscallNr.Openat ? 1 : 0].AsString() ?? "";
                if (path == FileFacts.HugePageCount || path == "nr_hugepages")
                    counters.Add((call.Tid, (int)call.Result.Value));
                return null;
            case SyscallNr.MemfdCreate when (call[1].Number & MemfdHuge) != 0:
                files.Add((call.Tid, (int)call.Result.Value));
                return null;
            case SyscallNr.Close:
                counters.Remove((call.Tid, (int)call[0].Number));
                files.Remove((call.Tid, (int)call[0].Number));
                return null;
            case SyscallNr.Read when counters.Contains((call.Tid, (int)call[0].Number)):
                return long.TryParse((call[1].AsString() ?? "").Trim(), out long pages) ? pages : null;
            case SyscallNr.Write when counters.Contains((call.Tid, (int)call[0].Number)):
                return 0;
            case SyscallNr.Shmget:
                // A segment that was there needs no page.
                bool isNew = call[0].Number == 0 || keys.Add(call[0].Number);
                return isNew && (call[2].Number & ShmHuge) != 0 ? Usual : null;
            case SyscallNr.Mmap when (call[3].Number & NoReserve) == 0:
                bool anonymous = (call[3].Number & (ulong)MapFlags.Anonymous) != 0;
                bool huge = anonymous ? (call[3].Number & (ulong)MapFlags.HugeTlb) != 0
                    : files.Contains((call.Tid, (int)call[4].Number));
                return huge ? Usual : null;
            default:
                return null;
        }
    }
}
