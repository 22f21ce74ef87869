using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>pidfd_open, and process_madvise: advice for the memory of the process behind a descriptor.</summary>
/// <remarks>
/// Linux: kernel/pid.c: pidfd_open, pidfd_get_task; mm/madvise.c: process_madvise, vector_madvise, v6.18.
/// </remarks>
public sealed class PidfdCalls
{
    private const ulong NonBlock = 0x800;
    private const ulong ForThread = 0x80;
    private readonly FileServices services;
    private readonly TaskTable table;
    private readonly Madvise madvise;
    private readonly MadviseWillNeed willNeed;
    private readonly MadviseRemove remove;
    private readonly MadviseReclaim reclaim;
    private readonly MadviseCollapse collapse;
    private readonly Populate populate;

    /// <summary>Over one machine.</summary>
    public PidfdCalls(FileServices services, TaskTable table, Madvise madvise, MadviseWillNeed willNeed,
        MadviseRemove remove, MadviseReclaim reclaim, MadviseCollapse collapse)
    {
        this.reclaim = reclaim;
        this.services = services;
        this.table = table;
        this.madvise = madvise;
        this.willNeed = willNeed;
        this.remove = remove;
        this.collapse = collapse;
        populate = new Populate(services.Memory, services.Users);
    }

    /// <summary>
    /// pidfd_open(pid, flags): EINVAL: flags, or no pid; ESRCH; ENOENT: a thread that is not the first of its process,
    /// without PIDFD_THREAD; EMFILE.
    /// </summary>
    public SyscallResult Open(CallProgress call)
    {
        int pid = (int)call.Request.A0;
        ulong flags = (uint)call.Request.A1;
        if ((flags & ~(NonBlock | ForThread)) != 0 || pid <= 0)
            return SyscallResult.Fail(Errno.EINVAL);
        bool isProcess = table.FindGroup(pid) is not null;
        if (!isProcess && table.Find(pid) is null)
            return SyscallResult.Fail(Errno.ESRCH);
        if (!isProcess && (flags & ForThread) == 0)
            return SyscallResult.Fail(Errno.ENOENT);
        int fd = OpenCalls.NewDescriptor(call, call.Operands?.WantedId);
        if (fd < 0)
            return new SyscallResult(fd);
        Pidfd.Install(services.Names.Objects, call.Task.Files, fd, pid, (OpenFlags)flags);
        return new SyscallResult(fd);
    }

    /// <summary>
    /// pidfd_getfd(pidfd, fd, flags): a descriptor of the file that another process has open. EINVAL: flags; EBADF;
    /// ESRCH; EPERM: a process that the caller may not look into; EMFILE.
    /// </summary>
    public SyscallResult GetFile(CallProgress call)
    {
        if ((uint)call.Request.A2 != 0)
            return SyscallResult.Fail(Errno.EINVAL);
        if (call.Task.Files.Find((uint)call.Request.A0) is not { Inode: { TaskId: > 0 } inode })
            return SyscallResult.Fail(Errno.EBADF);
        TaskStruct? task = table.Find(inode.TaskId) ?? table.FindGroup(inode.TaskId)?.Tasks.FirstOrDefault();
        Errno error = ProcessVm.CheckAccess(call.Task, task);
        if (error != Errno.None)
            return SyscallResult.Fail(error);
        if (task!.Files.Find((uint)call.Request.A1) is not { } file)
            return SyscallResult.Fail(Errno.EBADF);
        int fd = OpenCalls.NewDescriptor(call, call.Operands?.WantedId);
        if (fd >= 0)
            call.Task.Files.Install(fd, file, closeOnExec: true);
        return new SyscallResult(fd);
    }

    /// <summary>
    /// process_madvise(pidfd, vector, count, advice, flags): the bytes advised, as far as it went. EINVAL: flags,
    /// vectors, or advice that others may not be given; EFAULT; EBADF; ESRCH; EACCES; EPERM; what madvise answers.
    /// </summary>
    public IEnumerator<PageLookup> Advise(CallProgress call)
    {
        if ((uint)call.Request.A4 != 0)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        var vectors = new IoVectors(services);
        for (var import = vectors.Import(call, call.Request.A1, call.Request.A2); import.MoveNext();)
            yield return import.Current;
        if (vectors.Vectors is not { } ranges)
            yield break;
        var advice = (Advice)(int)(uint)call.Request.A3;
        Errno error = Find(call, advice, out Mm? mm);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        long done = 0, left = ranges.Sum(static range => (long)range.Length);
        call.Return(0);
        foreach (IoVec range in ranges)
        {
            // Empty ranges at the end are not looked at.
            if (done == left)
                break;
            for (var steps = AdviseRange(call, mm!, range, advice); steps.MoveNext();)
                yield return steps.Current;
            if (call.Result.IsError)
                break;
            done += (long)range.Length;
        }

        if (done > 0)
            call.Return(done);
    }

    // The address space that a pidfd leads to, and whether the caller may give it the advice.
    private Errno Find(CallProgress call, Advice advice, out Mm? mm)
    {
        mm = null;
        if (call.Task.Files.Find((uint)call.Request.A0) is not { Inode: { TaskId: > 0 } inode })
            return Errno.EBADF;
        TaskStruct? task = table.Find(inode.TaskId) ?? table.FindGroup(inode.TaskId)?.Tasks.FirstOrDefault();
        if (task is null || task.State == TaskState.Dead)
            return Errno.ESRCH;
        if (ProcessVm.CheckAccess(call.Task, task) != Errno.None)
            return Errno.EACCES;
        mm = task.Mm;
        if (mm == call.Mm)
            return Errno.None;
        if (advice is not (Advice.Cold or Advice.PageOut or Advice.WillNeed or Advice.Collapse))
            return Errno.EINVAL;
        return call.Task.Credentials.Has(Capabilities.SysNice) ? Errno.None : Errno.EPERM;
    }

    private IEnumerator<PageLookup> AdviseRange(CallProgress call, Mm mm, IoVec range, Advice advice)
    {
        var request = new SyscallRequest
        {
            Nr = SyscallNr.Madvise,
            A0 = range.Base,
            A1 = range.Length,
            A2 = (ulong)(uint)advice,
        };
        var context = new SyscallContext(call.Task, request, call.At);
        if (!madvise.TryRange(context, out ulong start, out ulong end, out _))
            return FileServices.Fail(call, Errno.EINVAL);
        if (start == end)
            return FileServices.Done(call, default);
        switch (advice)
        {
            case Advice.PageOut or Advice.Free:
                return reclaim.Run(call, mm, start, end, advice);
            case Advice.WillNeed:
                return willNeed.Run(call, mm, start, end);
            case Advice.Remove:
                return remove.Run(call, mm, start, end);
            case Advice.Collapse:
                return collapse.Run(call, mm, start, end);
            case Advice.PopulateRead:
                return populate.Run(call, new PopulateRange(start, end, PopulateKind.AdviseRead));
            case Advice.PopulateWrite:
                return populate.Run(call, new PopulateRange(start, end, PopulateKind.AdviseWrite));
            default:
                Errno error = madvise.Walk(mm, start, end, advice, call.At, ref call.Cost);
                return FileServices.Done(call, error == Errno.None ? default : SyscallResult.Fail(error));
        }
    }
}
