using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>Who a task is: getuid and its kin, setuid and its kin, capset.</summary>
/// <remarks>
/// Linux: kernel/sys.c: __sys_setuid, __sys_setreuid, __sys_setresuid; kernel/capability.c: capset, v6.18.
/// </remarks>
public sealed class IdentityCalls
{
    // _LINUX_CAPABILITY_VERSION_1 to 3.
    private const uint Version1 = 0x1998_0330, Version2 = 0x2007_1026, Version3 = 0x2008_0522;

    private const uint Keep = uint.MaxValue;
    private readonly UserStructs structs;
    private readonly TaskTable table;

    /// <summary>Over one machine.</summary>
    public IdentityCalls(UserStructs structs, TaskTable table)
    {
        this.structs = structs;
        this.table = table;
    }

    /// <summary>getuid, geteuid, getgid, getegid.</summary>
    public static SyscallResult Get(CallProgress call)
    {
        Credentials own = call.Task.Credentials;
        return new SyscallResult(call.Request.Nr switch
        {
            SyscallNr.Getuid => own.Uid,
            SyscallNr.Geteuid => own.Euid,
            SyscallNr.Getgid => own.Gid,
            _ => own.Egid,
        });
    }

    /// <summary>setuid, setreuid, setresuid. EINVAL: no such user; EPERM: not one of the task's own.</summary>
    public static SyscallResult SetUsers(CallProgress call)
    {
        Credentials own = call.Task.Credentials;
        bool may = own.Has(Capabilities.SetUid);
        if (!TryPick(call, (own.Uid, own.Euid, own.Suid), may, SyscallNr.Setuid, SyscallNr.Setreuid, out var ids,
            out Errno error))
            return SyscallResult.Fail(error);
        Commit(call.Task, own.WithUsers(ids.Real, ids.Effective, ids.Saved, call.Task.KeepsCapabilities));
        return default;
    }

    /// <summary>setgid, setregid, setresgid. EINVAL: no such group; EPERM: not one of the task's own.</summary>
    public static SyscallResult SetGroups(CallProgress call)
    {
        Credentials own = call.Task.Credentials;
        bool may = own.Has(Capabilities.SetGid);
        if (!TryPick(call, (own.Gid, own.Egid, own.Sgid), may, SyscallNr.Setgid, SyscallNr.Setregid, out var ids,
            out Errno error))
            return SyscallResult.Fail(error);
        Commit(call.Task, own with { Gid = ids.Real, Egid = ids.Effective, Sgid = ids.Saved });
        return default;
    }

    // Who has become somebody else has what it read as who it was: others are kept out of its memory, as
    // fs.suid_dumpable = 0 says. Linux: kernel/cred.c: commit_creds, v6.18.
    private static void Commit(TaskStruct task, Credentials credentials)
    {
        if (credentials.Euid != task.Credentials.Euid || credentials.Egid != task.Credentials.Egid)
            (task.Mm.Dumpable, task.Prctl.DeathSignal) = (0, 0);
        task.Credentials = credentials;
    }

    /// <summary>
    /// capset(header, data) of the caller itself. Operands: version, pid, then effective, permitted and inheritable as
    /// two words of 32 bits each. EFAULT; EINVAL: an unknown version; EPERM: capabilities that are not permitted, or
    /// another task.
    /// </summary>
    public IEnumerator<PageLookup> SetCapabilities(CallProgress call)
    {
        ulong[] words = new ulong[8];
        for (var read = structs.Read(call, call.Request.A1, words); read.MoveNext();)
            yield return read.Current;
        if (call.Copied < 64 || call.Operands?.Words is null)
        {
            call.Fail(Errno.EFAULT);
            yield break;
        }

        if ((uint)words[0] is not (Version1 or Version2 or Version3))
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        Credentials own = call.Task.Credentials;
        var effective = (Capabilities)(words[2] | (words[5] << 32)) & Capabilities.All;
        var permitted = (Capabilities)(words[3] | (words[6] << 32)) & Capabilities.All;
        bool other = words[1] != 0 && table.Find((int)words[1]) != call.Task;
        if (other || (permitted & ~own.Permitted) != 0 || (effective & ~permitted) != 0)
        {
            call.Fail(Errno.EPERM);
            yield break;
        }

        call.Task.Credentials = own with { Effective = effective, Permitted = permitted };
        call.Return(0);
    }

    private static bool TryPick(CallProgress call, (uint Real, uint Effective, uint Saved) own, bool may, SyscallNr one,
        SyscallNr two, out (uint Real, uint Effective, uint Saved) ids, out Errno error)
    {
        uint a = (uint)call.Request.A0, b = (uint)call.Request.A1, c = (uint)call.Request.A2;
        ids = own;
        error = Errno.None;
        if (call.Request.Nr == one)
        {
            error = a == Keep ? Errno.EINVAL : may || a == own.Real || a == own.Saved ? Errno.None : Errno.EPERM;
            ids = may ? (a, a, a) : (own.Real, a, own.Saved);
            return error == Errno.None;
        }

        bool IsOwn(uint id) => id == Keep || may || id == own.Real || id == own.Effective || id == own.Saved;
        ids = (a == Keep ? own.Real : a, b == Keep ? own.Effective : b, own.Saved);
        if (call.Request.Nr == two)
        {
            // The saved id follows where the real one was set, or the effective one to something new.
            bool realAllowed = a == Keep || may || a == own.Real || a == own.Effective;
            if (a != Keep || (b != Keep && b != own.Real))
                ids.Saved = ids.Effective;
            error = realAllowed && IsOwn(b) ? Errno.None : Errno.EPERM;
        }
        else
        {
            ids.Saved = c == Keep ? own.Saved : c;
            error = IsOwn(a) && IsOwn(b) && IsOwn(c) ? Errno.None : Errno.EPERM;
        }

        return error == Errno.None;
    }
}
