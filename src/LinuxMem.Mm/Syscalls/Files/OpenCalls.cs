using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls.Files.Names;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vfs.Names;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>open, openat, openat2's flags through its operands, creat.</summary>
/// <remarks>Linux: fs/open.c: do_sys_openat2, build_open_flags, v6.18.</remarks>
public sealed class OpenCalls
{
    private const OpenFlags Created = OpenFlags.Create | OpenFlags.WriteOnly | OpenFlags.Truncate;
    private readonly FileServices services;

    /// <summary>With the machine's services.</summary>
    public OpenCalls(FileServices services) => this.services = services;

    /// <summary>open(path, flags, mode).</summary>
    public IEnumerator<PageLookup> Open(CallProgress call) =>
        Run(call, WorkingDirectory, call.Request.A0, (OpenFlags)(int)call.Request.A1, (uint)call.Request.A2);

    /// <summary>openat(dirfd, path, flags, mode).</summary>
    public IEnumerator<PageLookup> Openat(CallProgress call) =>
        Run(call, call.Request.A0, call.Request.A1, (OpenFlags)(int)call.Request.A2, (uint)call.Request.A3);

    /// <summary>creat(path, mode).</summary>
    public IEnumerator<PageLookup> Creat(CallProgress call) =>
        Run(call, WorkingDirectory, call.Request.A0, Created, (uint)call.Request.A1);

    /// <summary>The descriptor that a new file gets: the wanted one, or the lowest; negative: EMFILE.</summary>
    internal static int NewDescriptor(CallProgress call, int? wanted) => wanted ?? call.Task.Files.FindFree();

    private const ulong WorkingDirectory = unchecked((ulong)PathWalk.WorkingDirectory);

    private static bool Follows(OpenFlags flags) => (flags & OpenFlags.NoFollow) == 0
        && (flags & (OpenFlags.Create | OpenFlags.Exclusive)) != (OpenFlags.Create | OpenFlags.Exclusive);

    private static bool IsContradictory(OpenFlags flags) => (flags & OpenFlags.Path) == 0
        && (flags & (OpenFlags.Create | OpenFlags.Directory)) == (OpenFlags.Create | OpenFlags.Directory)
        && (flags & OpenFlags.TmpFile) == 0;

    private IEnumerator<PageLookup> Run(CallProgress call, ulong directory, ulong address, OpenFlags flags, uint mode)
    {
        if (IsContradictory(flags))
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        var path = new WalkedPath(services);
        for (var steps = path.Take(call, directory, address, call.Operands?.Path ?? call.Request.File, Follows(flags),
            tells: false, ofName: (flags & OpenFlags.Create) != 0, opens: true); steps.MoveNext();)
            yield return steps.Current;
        if (path.Found is not { } found)
            yield break;
        bool wasThere = found.Inode is not null || call.Operands?.External is not null;
        if (call.Operands?.External is { } external)
            found = found with { Inode = services.Names.AddOpened(found, external) };
        int fd = NewDescriptor(call, call.Operands?.WantedId);
        if (fd < 0)
        {
            call.Return(fd);
            yield break;
        }

        if (services.Memory.FaultSwitch.Fails(FaultSite.AllocEmptyFile))
        {
            call.Fail(Errno.ENOMEM);
            yield break;
        }

        OpenFile? file = null;
        bool slashes = path.HasSlash && (flags & OpenFlags.Create) != 0;
        Errno error = slashes ? Errno.EISDIR : services.Names.Open(call.Task, found, flags, mode, out file);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        file!.Get();
        if (services.Metadata is { } metadata)
        {
            for (var steps = metadata.Opened(call, file.Inode, isNew: !wasThere); steps.MoveNext();)
                yield return steps.Current;
            if (call.ReadError != Errno.None)
            {
                file.Put();
                call.Fail(call.ReadError);
                yield break;
            }

            // Another thread may have taken the number while this one waited.
            fd = NewDescriptor(call, call.Operands?.WantedId);
            if (fd < 0)
            {
                file.Put();
                call.Return(fd);
                yield break;
            }
        }

        call.Task.Files.Install(fd, file, (flags & OpenFlags.CloseOnExec) != 0);
        file.Put();
        call.Return(fd);
        if ((flags & OpenFlags.Truncate) == 0 || !file.Inode.HasPages)
            yield break;
        for (var steps = services.Cuts.SetSize(call, file.Inode, 0); steps.MoveNext();)
            yield return steps.Current;
    }
}
