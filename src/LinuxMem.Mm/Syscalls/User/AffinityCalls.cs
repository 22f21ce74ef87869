using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Sched;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>sched_setaffinity, sched_getaffinity.</summary>
/// <remarks>
/// Linux: kernel/sched/syscalls.c: sched_setaffinity, sched_getaffinity, v6.18. A task that waits for a CPU
/// which it may no longer use waits for another at once; one that runs there is interrupted, if it shares the caller's
/// address space; else it leaves at its next entry into the kernel, at the latest at the end of its slice.
/// </remarks>
public sealed class AffinityCalls
{
    private readonly UserStructs structs;
    private readonly KernelMemory memory;
    private readonly TaskTable table;

    /// <summary>Over one machine.</summary>
    public AffinityCalls(UserStructs structs, KernelMemory memory, TaskTable table)
    {
        this.structs = structs;
        this.memory = memory;
        this.table = table;
    }

    private int Words => (memory.Settings.Cpus + 63) / 64;

    /// <summary>
    /// sched_setaffinity(tid, length, mask): EINVAL if it names no CPU that is there; ESRCH; EPERM: another user's
    /// task; EFAULT.
    /// </summary>
    public IEnumerator<PageLookup> Set(CallProgress call)
    {
        var words = new ulong[Math.Min((int)Math.Min(call.Request.A1 / 8, 16), Words)];
        for (var read = structs.Read(call, call.Request.A2, words); read.MoveNext();)
            yield return read.Current;
        if (call.Copied < (ulong)words.Length * 8)
        {
            call.Fail(Errno.EFAULT);
            yield break;
        }

        CpuMask wanted = new CpuMask(words).And(CpuMask.All(memory.Settings.Cpus));
        TaskStruct? task = Named(call);
        Errno error = task is null ? Errno.ESRCH
            : !MayChange(call.Task, task) ? Errno.EPERM
            : wanted.And(memory.Online).Count == 0 ? Errno.EINVAL : Errno.None;
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        task!.Affinity = wanted;
        memory.Repinned.Add(task);
        call.Return(0);
    }

    /// <summary>
    /// sched_getaffinity(tid, length, mask): the bytes of the mask. EINVAL: too short a buffer, or not whole words;
    /// ESRCH; EFAULT.
    /// </summary>
    public IEnumerator<PageLookup> Get(CallProgress call)
    {
        ulong length = call.Request.A1;
        if (length * 8 < (ulong)memory.Settings.Cpus || (length & 7) != 0)
            return FileServices.Fail(call, Errno.EINVAL);
        if (Named(call) is not { } task)
            return FileServices.Fail(call, Errno.ESRCH);
        CpuMask mask = (task.Affinity ?? CpuMask.All(memory.Settings.Cpus)).And(memory.Online);
        var words = new ulong[Math.Min((int)Math.Min(length / 8, 16), Words)];
        for (int i = 0; i < words.Length; i++)
            words[i] = mask.Word(i);
        return Copy(call, UserStructs.Bytes(words));
    }

    private IEnumerator<PageLookup> Copy(CallProgress call, byte[] bytes)
    {
        for (var write = structs.Finish(call, call.Request.A2, bytes); write.MoveNext();)
            yield return write.Current;
        if (!call.Result.IsError)
            call.Return(bytes.Length);
    }

    private TaskStruct? Named(CallProgress call) =>
        call.Request.A0 == 0 ? call.Task : table.Find((int)call.Request.A0);

    private static bool MayChange(TaskStruct caller, TaskStruct task) =>
        ReferenceEquals(caller, task) || caller.Credentials.Has(Capabilities.SysNice)
            || caller.Credentials.Euid == task.Credentials.Uid || caller.Credentials.Euid == task.Credentials.Euid;
}
