using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vfs.Names;

namespace LinuxMem.Mm.Syscalls.Files.Names;

/// <summary>The file that a call is about: by path, or by descriptor.</summary>
internal sealed class FileTarget(FileServices services)
{
    private const ulong NoFollow = 0x100, EmptyPath = 0x1000;

    /// <summary>Whether argument 0 is its descriptor.</summary>
    internal bool OfDescriptor { get; init; }

    /// <summary>Whether a descriptor that is open for nothing (O_PATH) will do.</summary>
    internal bool TakesPaths { get; init; }

    /// <summary>The file; null with the call's result set.</summary>
    internal Inode? Inode { get; private set; }

    /// <summary>The path or the descriptor's; of no meaning without a file.</summary>
    internal string Path { get; private set; } = "";

    /// <summary>Finds it: EBADF, ENOENT and whatever stops a path.</summary>
    internal IEnumerator<PageLookup> Take(CallProgress call, bool at, ulong address, ulong flags)
    {
        bool empty = (flags & EmptyPath) != 0 && string.IsNullOrEmpty(call.Operands?.Path);
        if (OfDescriptor || empty)
        {
            OpenFile? file = call.Task.Files.Find((uint)call.Request.A0);
            bool isPath = file is not null && OfDescriptor && !TakesPaths && (file.Flags & OpenFlags.Path) != 0;
            Inode = isPath ? null : file?.Inode;
            Path = file?.Path ?? "";
            if (Inode is null)
                call.Fail(Errno.EBADF);
            yield break;
        }

        var path = new WalkedPath(services);
        ulong directory = at ? call.Request.A0 : unchecked((ulong)PathWalk.WorkingDirectory);
        for (var steps = path.Take(call, directory, address, call.Operands?.Path, (flags & NoFollow) == 0);
            steps.MoveNext();)
            yield return steps.Current;
        Inode = path.Found?.Inode;
        Path = path.Found?.Path ?? "";
        if (path.Found is not null && Inode is null)
            call.Fail(Errno.ENOENT);
    }
}
