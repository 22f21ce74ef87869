using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.Vfs;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>memfd_create(name, flags).</summary>
/// <remarks>Linux: mm/memfd.c: memfd_create, sanitize_flags, check_sysctl_memfd_noexec, alloc_name,
/// alloc_file, v6.18.</remarks>
public sealed class MemfdCreate
{
    private const uint CloseOnExec = 0x01;
    private const uint AllowSealing = 0x02;
    private const uint HugeTlb = 0x04;
    private const uint NoExecSeal = 0x08;
    private const uint Executable = 0x10;
    private const int SizeShift = 26; // MFD_HUGE_SHIFT
    private const int SealedByDefault = 1, Enforced = 2; // MEMFD_NOEXEC_SCOPE_*
    private const int NameMax = 249;
    private readonly FileServices services;
    private readonly PathOperand names;

    /// <summary>With the machine's services.</summary>
    public MemfdCreate(FileServices services)
    {
        this.services = services;
        names = new PathOperand(services);
    }

    /// <summary>
    /// Makes a file of shared memory without a path: EINVAL, EACCES (vm.memfd_noexec), EFAULT, EMFILE, ENODEV (no such
    /// huge pages).
    /// </summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        uint flags = (uint)call.Request.A1;
        uint known = CloseOnExec | AllowSealing | HugeTlb | NoExecSeal | Executable;
        if ((flags & HugeTlb) != 0)
            known |= 63u << 26;
        if ((flags & ~known) != 0 || (flags & (NoExecSeal | Executable)) == (NoExecSeal | Executable))
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        int scope = call.Task.Group.PidNamespace.MemfdNoexec;
        if ((flags & (NoExecSeal | Executable)) == 0)
            flags |= scope >= SealedByDefault ? NoExecSeal : Executable;
        if ((flags & NoExecSeal) == 0 && scope >= Enforced)
        {
            call.Fail(Errno.EACCES);
            yield break;
        }

        for (var steps = names.Take(call, call.Request.A0, call.Operands?.Path, mayBeEmpty: true); steps.MoveNext();)
            yield return steps.Current;
        if (names.Path is not { } name)
            yield break;
        int fd = OpenCalls.NewDescriptor(call, call.Operands?.WantedId);
        if (name.Length > NameMax || fd < 0)
        {
            call.Return(name.Length > NameMax ? -(long)Errno.EINVAL : fd);
            yield break;
        }

        if (services.Memory.FaultSwitch.Fails(FaultSite.AllocEmptyFile))
        {
            call.Fail(Errno.ENOMEM);
            yield break;
        }

        string shown = "/memfd:" + name + " (deleted)";
        HugePool? pool = services.Memory.Huge.Find(flags >> SizeShift);
        if ((flags & HugeTlb) != 0 && pool is null)
        {
            call.Fail(Errno.ENODEV);
            yield break;
        }

        HugeFile? huge = (flags & HugeTlb) != 0 ? new HugeFile(pool!) : null;
        Inode inode = services.Names.Objects.Create(InodeKind.Shmem, shown, huge);
        inode.IsExecutable = (flags & NoExecSeal) == 0;
        inode.Permissions = inode.IsExecutable ? 0x1ffu : 0x1b6; // rwxrwxrwx, rw-rw-rw-
        inode.Uid = call.Task.Credentials.Euid;
        inode.Gid = call.Task.Credentials.Egid;
        if ((flags & NoExecSeal) != 0)
            inode.Seals = FileSeals.Exec;
        else if ((flags & AllowSealing) != 0)
            inode.Seals = FileSeals.None;
        var file = new OpenFile(inode, OpenFlags.ReadWrite, shown);
        call.Task.Files.Install(fd, file, (flags & CloseOnExec) != 0);
        call.Return(fd);
    }
}
