using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Proc;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Vfs.Names;

/// <summary>Where a path leads.</summary>
/// <param name="Error">Why it leads nowhere, or None.</param>
/// <param name="Path">The name there, without links, "." and "..".</param>
/// <param name="Inode">What has that name; null for nothing.</param>
public readonly record struct WalkResult(Errno Error, string Path, Inode? Inode);

/// <summary>Follows paths from directory to directory.</summary>
/// <remarks>
/// Linux: fs/namei.c: link_path_walk, step_into, path_lookupat, v6.18. A name in the middle of a path of which nobody
/// has told is taken for a directory, unless it would be in one that the machine made, whose names are all known, or
/// was one that is gone. Paths in /proc and /sys are looked up as they are written.
/// </remarks>
public sealed class PathWalk
{
    /// <summary>The descriptor that stands for the working directory.</summary>
    public const int WorkingDirectory = -100;

    private const int LinksMax = 40;
    private const int NameBytesMax = 255;
    private readonly SharedObjects objects;
    private readonly SortedSet<string> gone = new(StringComparer.Ordinal);

    /// <summary>Over a machine's names.</summary>
    public PathWalk(SharedObjects objects) => this.objects = objects;

    /// <summary>Looks first for what the kernel itself makes (/proc).</summary>
    public Func<TaskStruct, string, Inode?>? Special { get; set; }

    /// <summary>Finds the links of /proc that lead to files themselves.</summary>
    public ProcLinks? Links { get; set; }

    /// <summary>A directory that was there is no more.</summary>
    public void NoteGone(string path) => gone.Add(path);

    /// <summary>Whether a directory of that name was taken away.</summary>
    public bool IsGone(string path) => gone.Contains(path) && objects.Find(path) is null;

    /// <summary>A directory is there again.</summary>
    public void NoteMade(string path) => gone.Remove(path);

    /// <summary>
    /// Follows a path. ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG, EBADF on the way; that the last name is nothing's
    /// is no error.
    /// </summary>
    /// <param name="task">Whose path it is.</param>
    /// <param name="directory">The descriptor where a relative path begins.</param>
    /// <param name="path">The path.</param>
    /// <param name="follow">Whether a link at its end is followed.</param>
    /// <param name="ofName">Whether the name itself is meant, to be made, moved or taken away: then a slash behind it
    /// changes nothing.</param>
    public WalkResult Walk(TaskStruct task, ulong directory, string path, bool follow, bool ofName = false)
    {
        if (Start(task, directory, path, out string at, out Inode? start) is var error and not Errno.None)
            return new WalkResult(error, "", null);
        string lexical = at.Length == 0 ? path : at.TrimEnd('/') + "/" + path;
        string whole = path.StartsWith('/') ? path : lexical;
        if (Links?.Find(task, whole, out string behind) is { } link)
            return ThroughLink(task, link, whole, behind, follow);
        if (ProcFs.Holds(whole))
            return OfKernel(task, whole);
        bool wantsDirectory = !ofName && path.EndsWith('/');
        var rest = new Stack<string>();
        if (!Push(rest, path))
            return new WalkResult(Errno.ENAMETOOLONG, "", null);
        return Follow(task, (at, start ?? objects.Find(at)), rest, follow, wantsDirectory);
    }

    /// <summary>The directory that a name is in; null where nothing is known of it.</summary>
    public Inode? ParentOf(string path) => objects.Find(ParentPath(path));

    /// <summary>The path of the directory that a name is in.</summary>
    public static string ParentPath(string path)
    {
        int slash = path.LastIndexOf('/');
        return slash < 0 ? "" : slash == 0 ? "/" : path[..slash];
    }

    private WalkResult Follow(TaskStruct task, (string At, Inode? Inode) start, Stack<string> rest, bool follow,
        bool wantsDirectory)
    {
        int links = 0;
        (string at, Inode? inode) = start;
        while (rest.TryPop(out string? name))
        {
            if (Enter(task, at, inode) is var refusal and not Errno.None)
                return new WalkResult(refusal, "", null);
            if (name is "." or "..")
            {
                (at, inode) = name == "." ? (at, inode) : (ParentPath(at), objects.Find(ParentPath(at)));
                continue;
            }

            string next = at.Length == 0 ? name : at == "/" ? "/" + name : at + "/" + name;
            bool isLast = rest.Count == 0;
            inode = objects.Find(next);
            if (inode is { Kind: InodeKind.Symlink, Target: { } target } && (!isLast || follow || wantsDirectory))
            {
                if (++links > LinksMax)
                    return new WalkResult(Errno.ELOOP, "", null);
                at = target.StartsWith('/') ? "/" : at;
                inode = objects.Find(at);
                Push(rest, target);
                continue;
            }

            if (inode is null && !isLast && IsKnownAbsent(at, next))
                return new WalkResult(Errno.ENOENT, "", null);
            at = next;
        }

        bool isOther = inode is { IsKindKnown: true } && inode.Kind != InodeKind.Directory;
        return wantsDirectory && isOther ? new WalkResult(Errno.ENOTDIR, at, inode)
            : new WalkResult(Errno.None, at, inode);
    }

    // What is to be gone through must be a directory, and let the task search it.
    private static Errno Enter(TaskStruct task, string at, Inode? inode)
    {
        if (inode is null || at.Length == 0)
            return Errno.None;
        if (inode.Kind != InodeKind.Directory)
            return inode.IsKindKnown ? Errno.ENOTDIR : Errno.None;
        return InodePermission.May(task.Credentials, inode, InodePermission.Execute) ? Errno.None : Errno.EACCES;
    }

    private bool IsKnownAbsent(string directory, string path) =>
        IsGone(path) || IsGone(directory) || objects.Find(directory) is { IsWhole: true };

    // Such a link is not a path that is gone through: it leads where it leads, whatever has become of the names.
    private WalkResult ThroughLink(TaskStruct task, in ProcLink link, string path, string behind, bool follow)
    {
        if (behind.Length > 0)
        {
            var rest = new Stack<string>();
            Push(rest, behind);
            return Follow(task, (link.Path, link.Inode), rest, follow, path.EndsWith('/'));
        }

        if (follow)
            return new WalkResult(Errno.None, link.Path, link.Inode ?? objects.Find(link.Path));
        Inode itself = objects.Create(InodeKind.Symlink, path);
        itself.Target = link.Text;
        return new WalkResult(Errno.None, path, itself);
    }

    private WalkResult OfKernel(TaskStruct task, string path) =>
        new(Errno.None, path, Special?.Invoke(task, path) ?? objects.Find(path));

    private static Errno Start(TaskStruct task, ulong directory, string path, out string at, out Inode? inode)
    {
        at = path.StartsWith('/') ? "/" : task.Fs.Directory;
        inode = path.StartsWith('/') ? null : task.Fs.Inode;
        if (path.StartsWith('/') || (int)directory == WorkingDirectory)
            return Errno.None;
        if (task.Files.Find((uint)directory) is not { } file)
            return Errno.EBADF;
        inode = file.Inode;
        at = inode.Mapping.Name;
        return inode.Kind == InodeKind.Directory || !inode.IsKindKnown ? Errno.None : Errno.ENOTDIR;
    }

    // False where a name is too long.
    private static bool Push(Stack<string> rest, string path)
    {
        string[] parts = path.Split('/');
        for (int i = parts.Length - 1; i >= 0; i--)
        {
            if (parts[i].Length > NameBytesMax)
                return false;
            if (parts[i].Length > 0)
                rest.Push(parts[i]);
        }

        return true;
    }
}
