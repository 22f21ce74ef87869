using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Tasks;

/// <summary>Descriptors of tasks.</summary>
/// <remarks>Linux: fs/pidfs.c: pidfs_alloc_file; kernel/fork.c: pidfd_prepare, v6.18.</remarks>
internal static class Pidfd
{
    private const string Name = "anon_inode:[pidfd]";
    private const OpenFlags ForThread = (OpenFlags)0x80; // PIDFD_THREAD

    /// <summary>Makes one of a new child, for its parent.</summary>
    internal static void Install(SharedObjects objects, FdTable files, int fd, TaskStruct child) =>
        Install(objects, files, fd, child.Tid, child.Group.Pid == child.Tid ? 0 : ForThread);

    /// <summary>Makes one, which execve closes. Of the flags, PIDFD_NONBLOCK and PIDFD_THREAD count.</summary>
    internal static void Install(SharedObjects objects, FdTable files, int fd, int tid, OpenFlags flags)
    {
        Inode inode = objects.Create(InodeKind.Anonymous, Name);
        inode.TaskId = tid;
        var file = new OpenFile(inode, OpenFlags.ReadWrite | (flags & (OpenFlags.NonBlock | ForThread)), Name);
        files.Install(fd, file, closeOnExec: true);
    }
}
