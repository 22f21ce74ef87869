using System.Globalization;
using LinuxMem.Mm.Proc.Process;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Proc;

/// <summary>A link of /proc that leads to a file itself, whatever names it has.</summary>
/// <param name="Text">What readlink gives.</param>
/// <param name="Inode">What it leads to; null for a directory without a name of its own (the root).</param>
/// <param name="Path">The path under which that is known.</param>
public readonly record struct ProcLink(string Text, Inode? Inode, string Path);

/// <summary>
/// The links of /proc/PID: fd/N, exe, cwd, root; and /dev/fd, /dev/stdin and its kin, which lead there.
/// </summary>
/// <remarks>Linux: fs/proc/base.c: proc_pid_get_link, proc_exe_link, proc_cwd_link; fs/proc/fd.c: proc_fd_link, v6.18.
/// </remarks>
public sealed class ProcLinks(ProcContext context)
{
    /// <summary>The names in /proc/PID that these links have, or their directory.</summary>
    public static IReadOnlyList<string> Names { get; } = ["cwd", "exe", ProcessFiles.Descriptors, "root"];

    /// <summary>Those of a process that lead somewhere: a synthetic program has no file, a dead one nothing.</summary>
    public static IEnumerable<string> NamesOf(ProcTarget target) => target.Task is null ? []
        : Names.Where(name => name != "exe" || target.Mm?.ExeFile is not null);

    /// <summary>Finds the link at the beginning of a path.</summary>
    /// <param name="reader">Who asks: "self" is its process.</param>
    /// <param name="path">Absolute.</param>
    /// <param name="rest">What comes behind the link; empty for nothing.</param>
    /// <returns>The link; null if the path leads through none.</returns>
    public ProcLink? Find(TaskStruct reader, string path, out string rest)
    {
        rest = "";
        string[] parts = Written(path).Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 3 || parts[0] != "proc" || Target(reader, parts) is not { Task: { } task } target)
            return null;
        int at = parts.Length > 4 && parts[2] == "task" ? 4 : 2;
        int length = parts[at] == "fd" ? 2 : 1;
        if (at + length > parts.Length)
            return null;
        rest = string.Join('/', parts[(at + length)..]);
        return parts[at] switch
        {
            "fd" => OfDescriptor(task, parts[at + 1]),
            "exe" when target.Mm?.ExeFile is { } file => new ProcLink(file.Mapping.Name, file, file.Mapping.Name),
            "cwd" => new ProcLink(Shown(task.Fs.Directory), task.Fs.Inode, task.Fs.Directory),
            "root" => new ProcLink("/", null, "/"),
            _ => null,
        };
    }

    /// <summary>The process that a path in /proc is about; null if it is no more.</summary>
    public ThreadGroup? GroupAt(TaskStruct reader, string path)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return Target(reader, parts)?.Group;
    }

    // The links of /dev that udev makes.
    private static string Written(string path) => path switch
    {
        "/dev/stdin" => "/proc/self/fd/0",
        "/dev/stdout" => "/proc/self/fd/1",
        "/dev/stderr" => "/proc/self/fd/2",
        _ => path.StartsWith("/dev/fd/", StringComparison.Ordinal) ? "/proc/self" + path[4..] : path,
    };

    private ProcTarget? Target(TaskStruct reader, string[] parts)
    {
        int pid = parts[1] switch
        {
            "self" => reader.Group.Pid,
            "thread-self" => reader.Tid,
            _ => Number(parts[1]),
        };
        if (parts[2] == "task" && parts.Length > 4)
            pid = Number(parts[3]);
        return pid < 0 ? null : context.Find(pid);
    }

    private static ProcLink? OfDescriptor(TaskStruct task, string name)
    {
        if (Number(name) is not (>= 0 and var fd) || task.Files.Find((ulong)fd) is not { } file)
            return null;
        Inode inode = file.Inode;
        string text = inode.Kind switch
        {
            InodeKind.Pipe => string.Create(CultureInfo.InvariantCulture, $"pipe:[{inode.Number}]"),
            _ when IsNameless(inode, file.Path) => file.Path + " (deleted)",
            _ => file.Path,
        };
        return new ProcLink(text, inode, file.Path);
    }

    private static bool IsNameless(Inode inode, string path) => inode is
    {
        Links: 0, Kind: InodeKind.Regular
        or InodeKind.Shmem or InodeKind.Directory
    } && path.StartsWith('/')
        && !path.EndsWith(" (deleted)", StringComparison.Ordinal);

    private static string Shown(string directory) => directory.Length == 0 ? "/" : directory;

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1;
}
