using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>getrlimit, setrlimit, prlimit64, getrusage, sysinfo.</summary>
/// <remarks>Linux: kernel/sys.c: do_prlimit, getrusage, do_sysinfo, v6.18.</remarks>
public sealed class ResourceCalls
{
    private const ulong OpenFilesMax = 1 << 20; // fs.nr_open
    private readonly UserStructs structs;
    private readonly KernelMemory memory;
    private readonly TaskTable tasks;

    /// <summary>Over one machine.</summary>
    public ResourceCalls(UserStructs structs, KernelMemory memory, TaskTable tasks)
    {
        this.structs = structs;
        this.memory = memory;
        this.tasks = tasks;
    }

    /// <summary>getrlimit(resource, limit): EINVAL, EFAULT.</summary>
    public IEnumerator<PageLookup> Get(CallProgress call) =>
        Exchange(call, call.Task.Group, call.Request.A0, 0, call.Request.A1, sets: false, gets: true);

    /// <summary>setrlimit(resource, limit): EFAULT, EINVAL, EPERM.</summary>
    public IEnumerator<PageLookup> Set(CallProgress call) =>
        Exchange(call, call.Task.Group, call.Request.A0, call.Request.A1, 0, sets: true, gets: false);

    /// <summary>
    /// prlimit64(pid, resource, new, old): EFAULT; ESRCH; EPERM: another user's process, or a hard limit raised;
    /// EINVAL: no such resource, or a soft limit above the hard one.
    /// </summary>
    public IEnumerator<PageLookup> Exchange(CallProgress call)
    {
        int pid = (int)call.Request.A0;
        ThreadGroup? group = pid == 0 ? call.Task.Group : tasks.Find(pid)?.Group;
        bool sets = call.Request.A2 != 0 || call.Operands?.Words is { Count: > 0 };
        bool gets = call.Request.A3 != 0 || call.Operands is { BuffersUnknown: true };
        return Exchange(call, group, call.Request.A1, call.Request.A2, call.Request.A3, sets, gets);
    }

    private IEnumerator<PageLookup> Exchange(
        CallProgress call, ThreadGroup? group, ulong resource, ulong from, ulong to, bool sets, bool gets)
    {
        ulong[] wanted = new ulong[2];
        if (sets)
        {
            for (var read = structs.Read(call, from, wanted); read.MoveNext();)
                yield return read.Current;
            if (call.Copied < 16)
            {
                call.Fail(Errno.EFAULT);
                yield break;
            }
        }

        Errno error = group is null ? Errno.ESRCH : Check(call.Task, group, (uint)resource, sets, wanted);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        var kind = (Rlimit)(uint)resource;
        byte[] old = UserStructs.Bytes(group!.Limits.Soft(kind), group.Limits.Hard(kind));
        if (sets)
            Set(group, kind, wanted[0], wanted[1]);
        call.Return(0);
        if (!gets)
            yield break;
        for (var write = structs.Finish(call, to, old); write.MoveNext();)
            yield return write.Current;
    }

    private static void Set(ThreadGroup group, Rlimit kind, ulong soft, ulong hard)
    {
        group.Limits.Set(kind, soft, hard);
        if (kind != Rlimit.OpenFiles)
            return;
        foreach (TaskStruct task in group.Tasks)
            task.Files.Limit = (int)Math.Min(soft, int.MaxValue);
    }

    private static Errno Check(TaskStruct caller, ThreadGroup group, uint resource, bool sets, ulong[] wanted)
    {
        Credentials own = caller.Credentials;
        Credentials other = group.Tasks.Count > 0 ? group.Tasks[0].Credentials : own;
        bool alike = own.Uid == other.Uid && own.Uid == other.Euid && own.Uid == other.Suid;
        if (group != caller.Group && !alike && !own.Has(Capabilities.SysResource))
            return Errno.EPERM;
        if (resource >= RlimitTable.Count || (sets && wanted[0] > wanted[1]))
            return Errno.EINVAL;
        if (!sets)
            return Errno.None;
        var kind = (Rlimit)resource;
        if (kind == Rlimit.OpenFiles && wanted[1] > OpenFilesMax)
            return Errno.EPERM;
        return wanted[1] > group.Limits.Hard(kind) && !own.Has(Capabilities.SysResource)
            ? Errno.EPERM : Errno.None;
    }

    /// <summary>
    /// getrusage(who, usage): EINVAL, EFAULT. Times are virtual; blocks of files are not counted.
    /// </summary>
    public IEnumerator<PageLookup> Usage(CallProgress call)
    {
        ThreadGroup group = call.Task.Group;
        int kbShift = memory.Geometry.PageShift - 10;
        long rss = Math.Max(group.MaxRssPages, Math.Max(call.Mm.HiwaterRss, call.Mm.Rss));
        (CpuUsage Cpu, long MaxRss, long MinFlt, long MajFlt)? usage = (int)call.Request.A0 switch
        {
            0 => (tasks.CpuTimes.Of(group, call.At.NowNs), rss, group.MinFlt, group.MajFlt),
            -1 => (group.Reaped.Cpu, group.Reaped.MaxRssPages, group.Reaped.MinFlt, group.Reaped.MajFlt),
            1 => (tasks.CpuTimes.Of(call.Task, call.At.NowNs), rss, call.Task.MinFlt, call.Task.MajFlt),
            _ => null,
        };
        if (usage is not { } u)
        {
            call.Fail(Errno.EINVAL);
            return Enumerable.Empty<PageLookup>().GetEnumerator();
        }

        byte[] bytes = UsageBytes.Of(u.Cpu, u.MaxRss << kbShift, u.MinFlt, u.MajFlt);
        return structs.Finish(call, call.Request.A1, bytes);
    }

    /// <summary>sysinfo(info): EFAULT. There is no high memory, and no load is counted.</summary>
    public IEnumerator<PageLookup> SysInfo(CallProgress call)
    {
        int shift = memory.Geometry.PageShift;
        byte[] bytes = UserStructs.Bytes((ulong)(call.At.NowNs / 1_000_000_000), 0, 0, 0,
            (ulong)memory.Allocator.ManagedPages << shift, (ulong)memory.Allocator.FreePagesTotal << shift,
            (ulong)memory.Stat[VmEvent.NrShmem] << shift, (ulong)memory.BufferPages << shift,
            (ulong)memory.Swap.TotalSlots << shift,
            (ulong)memory.Swap.FreeSlots << shift, (ulong)tasks.LiveTasks, 0, 0, 1);
        return structs.Finish(call, call.Request.A0, bytes);
    }
}
