using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Planning;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>What the log tells of files from outside the simulated machine.</summary>
internal static class FileFacts
{
    /// <summary>The size of a file whose size the log does not show: larger than what is mapped of it.</summary>
    internal const ulong UnknownBytes = 1UL << 30;

    /// <summary>The file that tells and sets how many huge pages there are.</summary>
    internal const string HugePageCount = "/proc/sys/vm/nr_hugepages";

    // The size of blocks that procfs alone names.
    private const ulong ProcBlock = 1024;

    // Programs ask for the size of a file soon after they open it.
    private const int EventsAhead = 24;

    /// <summary>The request that opens a file as a descriptor of the log's choice.</summary>
    internal static SyscallRequest Open(int fd, string path, ExternalFile? file, ulong flags = 2) => new()
    {
        Nr = SyscallNr.Openat,
        A0 = unchecked((ulong)-100L), // AT_FDCWD
        A2 = flags,
        A3 = 0x1b6, // rw-rw-rw-
        Operands = new SyscallOperands { Path = path, External = file, WantedId = fd, BuffersUnknown = true },
    };

    /// <summary>The request that opens a stand-in for what cannot be mapped.</summary>
    internal static SyscallRequest StandIn(int fd, string kind, ulong flags = 2) =>
        Open(fd, $"/outside/{kind}/{fd}", new ExternalFile(
            kind is "socket" or "pipe" or "stream" ? ExternalKind.Stream : ExternalKind.Anonymous)
        {
            DeniesExec = kind != "stream",
        }, flags);

    /// <summary>
    /// What a path that was opened leads to. <paramref name="place"/> is where the task's next events are.
    /// </summary>
    internal static ExternalFile Of(string path, int fd, ulong flags, TaskScript script, int place)
    {
        const ulong directory = 0x10000; // O_DIRECTORY
        if (path == "/dev/zero")
            return new ExternalFile(ExternalKind.DevZero);
        bool deniesExec = path.StartsWith("/proc", StringComparison.Ordinal)
            || path.StartsWith("/sys", StringComparison.Ordinal);
        if ((flags & directory) != 0)
            return new ExternalFile(ExternalKind.Directory) { DeniesExec = deniesExec };
        bool onTmpfs = path.StartsWith("/dev/shm/", StringComparison.Ordinal);
        bool device = path.StartsWith("/dev/", StringComparison.Ordinal) && !onTmpfs;
        if (device || path.StartsWith("/proc/", StringComparison.Ordinal)
            || path.StartsWith("/sys/", StringComparison.Ordinal) || !path.StartsWith('/'))
            return new ExternalFile(ExternalKind.Stream) { DeniesExec = deniesExec };
        for (int i = place; i < script.Events.Count && i < place + EventsAhead; i++)
        {
            StraceEvent call = script.Events[i];
            if (call.Kind != StraceEventKind.Call || !call.Result.IsSuccess)
                continue;
            if ((SyscallNr)call.Nr == SyscallNr.Close && (int)call[0].Number == fd)
                break;
            if (TryStatus(call, fd, out ExternalFile? file))
                return file! with { OnTmpfs = onTmpfs };
        }

        return new ExternalFile(ExternalKind.Regular, UnknownBytes, OnTmpfs: onTmpfs);
    }

    /// <summary>Whether a path leads to a text of the simulated kernel's own.</summary>
    internal static bool IsOfKernel(string path) => path.StartsWith("/proc/", StringComparison.Ordinal)
        && (path.EndsWith("/maps", StringComparison.Ordinal) || path.EndsWith("/smaps", StringComparison.Ordinal)
            || path.EndsWith("/smaps_rollup", StringComparison.Ordinal)
            || path.EndsWith("/statm", StringComparison.Ordinal));

    /// <summary>Whether a path leads to a setting of the simulated kernel that programs change.</summary>
    internal static bool IsTunable(string path) => path is HugePageCount or "/proc/sys/vm/nr_overcommit_hugepages"
        or "/proc/sys/vm/memfd_noexec" or "/proc/self/oom_score_adj" || IsSetting(path);

    /// <summary>Whether a path leads to one of those whose first value is the machine's own.</summary>
    internal static bool IsSetting(string path) => path is "/proc/sys/vm/overcommit_memory"
        or "/proc/sys/vm/overcommit_ratio" or "/proc/sys/vm/overcommit_kbytes" or "/proc/sys/vm/max_map_count";

    // fstat(3, {st_mode=S_IFREG|0644, st_size=47375, ...}), newfstatat(3, "", {...}, AT_EMPTY_PATH), statx(3, "", ...).
    private static bool TryStatus(StraceEvent call, int fd, out ExternalFile? file)
    {
        file = null;
        int at = (SyscallNr)call.Nr switch
        {
            SyscallNr.Fstat => 1,
            SyscallNr.Newfstatat when call[1].Bytes.Length == 0 => 2,
            SyscallNr.Statx when call[1].Bytes.Length == 0 => 4,
            _ => 0,
        };
        if (at == 0 || (int)call[0].Number != fd)
            return false;
        StraceValue status = call[at];
        StraceValue? mode = status.Member("st_mode") ?? status.Member("stx_mode");
        StraceValue? size = status.Member("st_size") ?? status.Member("stx_size");
        const ulong types = 0xf000;
        ExternalKind kind = mode is not { IsNumber: true } ? ExternalKind.Regular : (mode.Number & types) switch
        {
            0x8000 => ExternalKind.Regular,
            0x4000 => ExternalKind.Directory,
            _ => ExternalKind.Stream,
        };
        // A link led into /proc (/etc/mtab): such a text has no size, and is not empty.
        bool isText = kind == ExternalKind.Regular && size is { IsNumber: true, Number: 0 }
            && (status.Member("st_blksize") ?? status.Member("stx_blksize")) is { IsNumber: true, Number: ProcBlock };
        file = isText ? new ExternalFile(ExternalKind.Stream) { DeniesExec = true }
            : new ExternalFile(kind, size is { IsNumber: true } ? size.Number : 0);
        return mode is not null;
    }
}
