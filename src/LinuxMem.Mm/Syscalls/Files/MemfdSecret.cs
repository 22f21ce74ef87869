using LinuxMem.Abi;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>memfd_secret(flags): memory that the kernel itself does not look into.</summary>
/// <remarks>
/// Linux: mm/secretmem.c: memfd_secret, secretmem_mmap, secretmem_setattr, v6.18. It can be mapped shared, locked, and
/// sized once; read, write and others' calls (process_vm_readv) find nothing.
/// </remarks>
public static class MemfdSecret
{
    private const ulong CloseOnExec = 0x80000;
    private const string Name = "/secretmem (deleted)";

    /// <summary>Makes a file without a path: EINVAL (flags), EMFILE.</summary>
    public static SyscallResult Invoke(CallProgress call, FileSystem names)
    {
        if (((uint)call.Request.A0 & ~CloseOnExec) != 0)
            return SyscallResult.Fail(Errno.EINVAL);
        int fd = OpenCalls.NewDescriptor(call, call.Operands?.WantedId);
        if (fd < 0)
            return new SyscallResult(fd);
        Inode inode = names.Objects.Create(InodeKind.Shmem, Name);
        inode.IsSecret = true;
        bool closes = (call.Request.A0 & CloseOnExec) != 0;
        call.Task.Files.Install(fd, new OpenFile(inode, OpenFlags.ReadWrite, Name), closes);
        return new SyscallResult(fd);
    }
}
