using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls.User;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs.Names;

namespace LinuxMem.Mm.Syscalls.Files.Names;

/// <summary>utimensat, futimesat, utimes, utime: who may set the times of a file. Times are not kept.</summary>
/// <remarks>Linux: fs/utimes.c: do_utimes, vfs_utimes, v6.18.</remarks>
public sealed class TimeCalls
{
    private const ulong NoFollow = 0x100, EmptyPath = 0x1000;
    private const ulong Now = 0x3fffffff, Omit = 0x3ffffffe, NsMost = 999_999_999, UsMost = 999_999;
    private readonly FileServices services;
    private readonly UserStructs structs;

    /// <summary>With the machine's services.</summary>
    public TimeCalls(FileServices services)
    {
        this.services = services;
        structs = new UserStructs(services);
    }

    /// <summary>Carries one out: EFAULT, EINVAL, EBADF, EPERM, EACCES and whatever stops a path.</summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        SyscallNr nr = call.Request.Nr;
        bool at = nr is SyscallNr.Utimensat or SyscallNr.Futimesat;
        ulong times = at ? call.Request.A2 : call.Request.A1;
        ulong flags = nr == SyscallNr.Utimensat ? (uint)call.Request.A3 : 0;
        bool isTold = times != 0 || call.Operands?.Words is not null;
        var words = new ulong[nr == SyscallNr.Utime ? 2 : 4];
        if (isTold)
        {
            for (var read = structs.Read(call, times, words); read.MoveNext();)
                yield return read.Current;
            if (call.Copied < (ulong)words.Length * 8)
            {
                call.Fail(Errno.EFAULT);
                yield break;
            }

            if (nr == SyscallNr.Utimensat && words[1] == Omit && words[3] == Omit)
                yield break;
            if (!AreValid(nr, words, out Errno error))
            {
                call.Fail(error);
                yield break;
            }
        }

        bool setsNow = !isTold || (nr == SyscallNr.Utimensat && words[1] == Now && words[3] == Now);
        for (var steps = Touch(call, at, flags, setsNow, isTold ? Check(nr, words) : Errno.None); steps.MoveNext();)
            yield return steps.Current;
    }

    private IEnumerator<PageLookup> Touch(CallProgress call, bool at, ulong flags, bool setsNow, Errno badTimes)
    {
        ulong path = at ? call.Request.A1 : call.Request.A0;
        bool ofDescriptor = at && path == 0 && call.Operands?.Path is null
            && (int)call.Request.A0 != PathWalk.WorkingDirectory;
        ulong known = ofDescriptor ? 0 : NoFollow | EmptyPath;
        if ((flags & ~known) != 0)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        var target = new FileTarget(services) { OfDescriptor = ofDescriptor };
        for (var steps = target.Take(call, at, path, flags); steps.MoveNext();)
            yield return steps.Current;
        if (target.Inode is not { } inode)
            yield break;
        Credentials who = call.Task.Credentials;
        bool owns = InodePermission.Owns(who, inode);
        Errno refusal = owns ? Errno.None : !setsNow ? Errno.EPERM
            : InodePermission.May(who, inode, InodePermission.Write) ? Errno.None : Errno.EACCES;
        call.Result = SyscallResult.Fail(badTimes != Errno.None ? badTimes : refusal);
    }

    // Microseconds are looked at before the path, nanoseconds behind it.
    private static bool AreValid(SyscallNr nr, ulong[] words, out Errno error)
    {
        bool inMicroseconds = nr is SyscallNr.Utimes or SyscallNr.Futimesat;
        error = inMicroseconds && (words[1] > UsMost || words[3] > UsMost) ? Errno.EINVAL : Errno.None;
        return error == Errno.None;
    }

    private static Errno Check(SyscallNr nr, ulong[] words)
    {
        if (nr != SyscallNr.Utimensat)
            return Errno.None;
        bool areGood = words[1] is <= NsMost or Now or Omit && words[3] is <= NsMost or Now or Omit;
        return areGood ? Errno.None : Errno.EINVAL;
    }
}
