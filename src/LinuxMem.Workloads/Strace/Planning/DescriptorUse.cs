using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Planning;

/// <summary>What the answer of a logged call says of one descriptor of its task.</summary>
/// <param name="Fd">The descriptor.</param>
/// <param name="Before">Whether it was open when the call took effect; null if the answer does not tell.</param>
/// <param name="After">Whether it is open then; null if the call does not change it.</param>
internal readonly record struct DescriptorUse(int Fd, bool? Before, bool? After)
{
    /// <summary>What a call's answer says; nothing for a call on no descriptor.</summary>
    internal static void Collect(StraceEvent call, List<DescriptorUse> uses)
    {
        uses.Clear();
        if (call.Kind != StraceEventKind.Call || !call.IsEnded || !call.Result.IsKnown)
            return;
        var nr = (SyscallNr)call.Nr;
        if (IsMaker(nr))
        {
            if (call.Result.IsSuccess)
                uses.Add(new DescriptorUse((int)call.Result.Value, false, true));
            return;
        }

        if (nr is SyscallNr.Pipe or SyscallNr.Pipe2 or SyscallNr.Socketpair)
        {
            CollectPair(call[nr == SyscallNr.Socketpair ? 3 : 0], call.Result.IsSuccess, uses);
            return;
        }

        if (!IsUser(nr) || !call[0].IsNumber || (int)call[0].Number < 0)
            return;
        int fd = (int)call[0].Number;
        if (call.Result.Error == "EBADF")
            uses.Add(new DescriptorUse(fd, false, null));
        else if (call.Result.IsSuccess)
            uses.Add(new DescriptorUse(fd, true, nr == SyscallNr.Close ? false : null));
        if (call.Result.IsSuccess && nr is SyscallNr.Dup or SyscallNr.Fcntl && Duplicates(call, nr))
            uses.Add(new DescriptorUse((int)call.Result.Value, false, true));
        else if (call.Result.IsSuccess && nr is SyscallNr.Dup2 or SyscallNr.Dup3)
            uses.Add(new DescriptorUse((int)call.Result.Value, null, true));
    }

    private static void CollectPair(StraceValue pair, bool made, List<DescriptorUse> uses)
    {
        if (!made || pair.Kind != StraceValueKind.Array || pair.Items.Count != 2)
            return;
        uses.Add(new DescriptorUse((int)pair.Items[0].Value.Number, false, true));
        uses.Add(new DescriptorUse((int)pair.Items[1].Value.Number, false, true));
    }

    private static bool Duplicates(StraceEvent call, SyscallNr nr)
    {
        const ulong duplicate = 0, duplicateAndClose = 1030;
        return nr == SyscallNr.Dup || call[1] is { IsNumber: true, Number: duplicate or duplicateAndClose };
    }

    private static bool IsMaker(SyscallNr nr) => nr is SyscallNr.Open or SyscallNr.Openat or SyscallNr.Openat2
        or SyscallNr.Creat or SyscallNr.Socket or SyscallNr.Accept or SyscallNr.Accept4 or SyscallNr.Eventfd
        or SyscallNr.Eventfd2 or SyscallNr.MemfdCreate or SyscallNr.MemfdSecret or SyscallNr.Userfaultfd
        or SyscallNr.TimerfdCreate or SyscallNr.EpollCreate or SyscallNr.EpollCreate1 or SyscallNr.InotifyInit
        or SyscallNr.InotifyInit1 or SyscallNr.PidfdOpen or SyscallNr.PidfdGetfd or SyscallNr.PerfEventOpen
        or SyscallNr.FanotifyInit or SyscallNr.IoUringSetup;

    private static bool IsUser(SyscallNr nr) => nr is SyscallNr.Close or SyscallNr.Dup or SyscallNr.Dup2
        or SyscallNr.Dup3 or SyscallNr.Fcntl or SyscallNr.Read or SyscallNr.Write or SyscallNr.Pread64
        or SyscallNr.Pwrite64 or SyscallNr.Readv or SyscallNr.Writev or SyscallNr.Lseek or SyscallNr.Ftruncate
        or SyscallNr.Fsync or SyscallNr.Fdatasync or SyscallNr.Fallocate or SyscallNr.Fstat or SyscallNr.Ioctl
        or SyscallNr.Flock or SyscallNr.Fchdir or SyscallNr.Getdents64;
}
