using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Proc.Files;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Proc;

/// <summary>Gives the files of /proc and /sys to those who open them by path.</summary>
/// <remarks>
/// Linux: fs/proc/generic.c: proc_lookup; fs/proc/base.c: proc_pid_lookup, v6.18. An inode lives as long as it is
/// open; every opening makes one.
/// </remarks>
public sealed class ProcInodes
{
    private readonly ProcFs proc;
    private readonly SharedObjects objects;

    /// <summary>Of one kernel.</summary>
    public ProcInodes(ProcFs proc, SharedObjects objects)
    {
        this.proc = proc;
        this.objects = objects;
    }

    /// <summary>The file or directory at a path, for a task that opens it; null if it is not one of these.</summary>
    public Inode? Find(TaskStruct task, string path)
    {
        if (path is DropCaches.Path or CompactMemory.Path)
            return objects.CreateGenerated(path, () => new SeqFile(new SingleRecord(_ => true)));
        if (!ProcFs.Holds(path) || proc.Find(path, task) is not { } node)
            return null;
        // Of the links, only those to directories of processes exist.
        return node.Kind == ProcNodeKind.File
            ? objects.CreateGenerated(path, node.Open!)
            : objects.Create(InodeKind.Directory, path);
    }
}
