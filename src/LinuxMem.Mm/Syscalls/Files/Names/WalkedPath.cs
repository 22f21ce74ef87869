using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs.Names;

namespace LinuxMem.Mm.Syscalls.Files.Names;

/// <summary>Takes over a path from the caller and follows it.</summary>
/// <remarks>What the world outside tells of the file, if it is not there, is taken in on the way.</remarks>
public sealed class WalkedPath
{
    private readonly FileServices services;
    private readonly PathOperand operand;

    /// <summary>With the machine's services.</summary>
    public WalkedPath(FileServices services)
    {
        this.services = services;
        operand = new PathOperand(services);
    }

    /// <summary>Where it leads; null if it was refused, with the call's result set.</summary>
    public WalkResult? Found { get; private set; }

    /// <summary>Whether the path ends in a slash, or in "." or "..": it can only be a directory.</summary>
    public bool HasSlash { get; private set; }

    /// <summary>The last name as it is written.</summary>
    public string LastName { get; private set; } = "";

    /// <summary>Takes a path and follows it.</summary>
    /// <param name="call">Whose path it is.</param>
    /// <param name="directory">The descriptor where a relative path begins.</param>
    /// <param name="address">Where its text is.</param>
    /// <param name="text">The text, where it is known.</param>
    /// <param name="follow">Whether a link at its end is followed.</param>
    /// <param name="tells">Whether what the call tells of a file from outside is about this one.</param>
    /// <param name="ofName">Whether the name is to be made, moved or taken away.</param>
    /// <param name="opens">Whether a descriptor is needed for it: EMFILE comes before anything about the path.</param>
    public IEnumerator<PageLookup> Take(CallProgress call, ulong directory, ulong address, string? text, bool follow,
        bool tells = true, bool ofName = false, bool opens = false)
    {
        Found = null;
        for (var steps = operand.Take(call, address, text); steps.MoveNext();)
            yield return steps.Current;
        if (operand.Path is not { } path)
            yield break;
        if (opens && OpenCalls.NewDescriptor(call, call.Operands?.WantedId) is < 0 and var refusal)
        {
            call.Return(refusal);
            yield break;
        }

        HasSlash = path.EndsWith('/');
        string trimmed = path.TrimEnd('/');
        LastName = trimmed[(trimmed.LastIndexOf('/') + 1)..];
        WalkResult found = services.Names.Walk.Walk(call.Task, directory, path, follow, ofName);
        if (found is { Error: Errno.None, Inode: null } && tells && call.Operands?.External is { } external)
            found = found with { Inode = services.Names.AddExternal(found.Path, external) };
        if (found.Error != Errno.None)
            call.Fail(found.Error);
        else
            Found = found;
    }

    /// <summary>
    /// Whether the caller may give or take names in the directory of a path: ENOENT, ENOTDIR, EACCES; for taking one
    /// from a directory with the sticky bit EPERM.
    /// </summary>
    /// <remarks>Linux: fs/namei.c: may_create, may_delete, v6.18.</remarks>
    public Errno MayChange(CallProgress call, in WalkResult at, bool takes)
    {
        if (services.Names.Walk.ParentOf(at.Path) is not { } parent)
            return services.Names.Walk.IsGone(PathWalk.ParentPath(at.Path)) ? Errno.ENOENT : Errno.None;
        // What nobody has told the kind of is a directory, if there are names in it.
        if (!parent.IsKindKnown)
            return Errno.None;
        if (parent.Kind != Vfs.InodeKind.Directory)
            return Errno.ENOTDIR;
        var who = call.Task.Credentials;
        if (!InodePermission.May(who, parent, InodePermission.Write | InodePermission.Execute))
            return Errno.EACCES;
        const uint sticky = 0x200;
        bool isSticky = takes && (parent.Permissions & sticky) != 0;
        return isSticky && at.Inode is { } inode && who.Euid != parent.Uid && !InodePermission.Owns(who, inode)
            ? Errno.EPERM : Errno.None;
    }
}
