using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Calls;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Names;

/// <summary>
/// Calls that name files: what the log has told of the names decides whether an answer can be foreseen. One that cannot
/// tells of the names, for later calls.
/// </summary>
internal static class NameCalls
{
    private const ulong RemoveDirectory = 0x200, NoFollow = 0x100, SymlinkFollow = 0x400, EmptyPath = 0x1000;

    /// <summary>Plans one of these; false if the call is another.</summary>
    internal static bool TryPlan(StraceEvent call, LoggedTask task, ReplayState replay, CallPlan plan)
    {
        var at = new NameArguments(call, task, replay);
        if (HasOtherFlags(call))
        {
            // They are refused before anything else is looked at.
            plan.Make(SystemCalls.Numbers(call) with
            {
                Operands = new SyscallOperands { Path = "/", Path2 = "/", BuffersUnknown = true },
            });
            return true;
        }

        switch ((SyscallNr)call.Nr)
        {
            case SyscallNr.Access:
                LookCalls.Access(at, at.Place(0, -1), call[1], plan);
                return true;
            case SyscallNr.Faccessat or SyscallNr.Faccessat2:
                LookCalls.Access(at, at.Place(1, 0, (call[3].Number & NoFollow) == 0), call[2], plan);
                return true;
            case SyscallNr.Stat or SyscallNr.Lstat or SyscallNr.Fstat or SyscallNr.Newfstatat or SyscallNr.Statx:
                LookCalls.Stat(at, plan);
                return true;
            case SyscallNr.Readlink:
                LookCalls.Readlink(at, at.Place(0, -1, follow: false), call[1], call[2], plan);
                return true;
            case SyscallNr.Readlinkat:
                LookCalls.Readlink(at, at.Place(1, 0, follow: false), call[2], call[3], plan);
                return true;
            case SyscallNr.Umask or SyscallNr.Getcwd or SyscallNr.Chdir or SyscallNr.Fchdir or SyscallNr.Getdents64:
                PlaceCalls.Plan(at, plan);
                return true;
            case SyscallNr.Fchmodat2 when (call[3].Number & EmptyPath) != 0:
                return false;
            case SyscallNr.Chmod or SyscallNr.Fchmod or SyscallNr.Fchmodat or SyscallNr.Fchmodat2 or SyscallNr.Chown
                or SyscallNr.Fchown or SyscallNr.Lchown or SyscallNr.Fchownat:
                LookCalls.Attributes(at, plan);
                return true;
            case SyscallNr.Utimensat or SyscallNr.Futimesat or SyscallNr.Utimes or SyscallNr.Utime:
                AttachedCalls.Times(at, plan);
                return true;
            case SyscallNr.Statfs or SyscallNr.Fstatfs:
                AttachedCalls.FileSystem(at, plan);
                return true;
            case (>= SyscallNr.Setxattr and <= SyscallNr.Fremovexattr):
                AttachedCalls.Attributes(at, plan);
                return true;
            default:
                return TryPlanChange(call, at, replay, plan);
        }
    }

    // Whether it has flags that the call does not know.
    private static bool HasOtherFlags(StraceEvent call)
    {
        const ulong status = 0x7900; // with AT_NO_AUTOMOUNT and AT_STATX_SYNC_TYPE
        (int index, ulong known) = (SyscallNr)call.Nr switch
        {
            SyscallNr.Newfstatat => (3, status),
            SyscallNr.Statx => (2, status),
            SyscallNr.Faccessat2 => (3, 0x1300UL),
            SyscallNr.Fchmodat2 or SyscallNr.Utimensat => (3, 0x1100UL),
            SyscallNr.Fchownat => (4, 0x1100UL),
            SyscallNr.Linkat => (4, 0x1400UL),
            SyscallNr.Unlinkat => (2, RemoveDirectory),
            SyscallNr.Renameat2 => (4, 7UL),
            _ => (0, ulong.MaxValue),
        };
        bool isReserved = call.Nr == (int)SyscallNr.Statx && call[3].IsNumber
            && ((call[3].Number & 0x8000_0000) != 0 || (call[2].Number & 0x6000) == 0x6000);
        return isReserved || (call[index].IsNumber && ((uint)call[index].Number & ~known) != 0);
    }

    private static bool TryPlanChange(StraceEvent call, NameArguments at, ReplayState replay, CallPlan plan)
    {
        switch ((SyscallNr)call.Nr)
        {
            case SyscallNr.Mkdir:
                ChangeCalls.Mkdir(at, Name(at, 0, -1), plan);
                return true;
            case SyscallNr.Mkdirat:
                ChangeCalls.Mkdir(at, Name(at, 1, 0), plan);
                return true;
            case SyscallNr.Mknod:
                ChangeCalls.Mknod(at, Name(at, 0, -1), call[1], plan);
                return true;
            case SyscallNr.Mknodat:
                ChangeCalls.Mknod(at, Name(at, 1, 0), call[2], plan);
                return true;
            case SyscallNr.Symlink:
                ChangeCalls.Symlink(at, Name(at, 1, -1), plan);
                return true;
            case SyscallNr.Symlinkat:
                ChangeCalls.Symlink(at, Name(at, 2, 1), plan);
                return true;
            case SyscallNr.Rmdir:
                ChangeCalls.Remove(at, Name(at, 0, -1), true, replay, plan);
                return true;
            case SyscallNr.Unlink:
                ChangeCalls.Remove(at, Name(at, 0, -1), false, replay, plan);
                return true;
            case SyscallNr.Unlinkat when call[2].IsNumber:
                ChangeCalls.Remove(at, Name(at, 1, 0), call[2].Number != 0, replay, plan);
                return true;
            case SyscallNr.Rename:
                MoveCalls.Rename(at, Name(at, 0, -1), Name(at, 1, -1), 0, replay, plan);
                return true;
            case SyscallNr.Renameat or SyscallNr.Renameat2:
                MoveCalls.Rename(at, Name(at, 1, 0), Name(at, 3, 2),
                    call.Nr == (int)SyscallNr.Renameat2 ? call[4].Number : 0, replay, plan);
                return true;
            case SyscallNr.Link:
                MoveCalls.Link(at, at.Place(0, -1, follow: false), Name(at, 1, -1), 0, replay, plan);
                return true;
            case SyscallNr.Linkat:
                MoveCalls.Link(at, at.Place(1, 0, (call[4].Number & SymlinkFollow) != 0),
                    Name(at, 3, 2), call[4].Number, replay, plan);
                return true;
            default:
                return false;
        }
    }

    // The name itself is meant, whatever it is that of.
    private static NamePlace? Name(NameArguments at, int index, int directory) =>
        at.Place(index, directory, follow: false, ofName: true);
}
