using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;

namespace LinuxMem.Mm.Syscalls.Files.Names;

/// <summary>The system calls on names, directories and attributes of files, by number.</summary>
public sealed class NameCalls
{
    private readonly FileServices services;
    private readonly MakeCalls make;
    private readonly RemoveCalls remove;
    private readonly RenameCalls rename;
    private readonly AttributeCalls attributes;
    private readonly DirectoryCalls directories;
    private readonly TimeCalls times;
    private readonly StatfsCalls statfs;
    private readonly XattrCalls xattrs;

    /// <summary>With the machine's services.</summary>
    public NameCalls(FileServices services)
    {
        this.services = services;
        make = new MakeCalls(services);
        remove = new RemoveCalls(services);
        rename = new RenameCalls(services);
        attributes = new AttributeCalls(services);
        directories = new DirectoryCalls(services);
        times = new TimeCalls(services);
        statfs = new StatfsCalls(services);
        xattrs = new XattrCalls(services);
    }

    /// <summary>The steps of a call; null if it is another call.</summary>
    public IEnumerator<PageLookup>? Steps(CallProgress call) => call.Request.Nr switch
    {
        SyscallNr.Mkdir or SyscallNr.Mkdirat => make.Mkdir(call),
        SyscallNr.Mknod or SyscallNr.Mknodat => make.Mknod(call),
        SyscallNr.Symlink or SyscallNr.Symlinkat => make.Symlink(call),
        SyscallNr.Link or SyscallNr.Linkat => make.Link(call),
        SyscallNr.Unlink or SyscallNr.Unlinkat or SyscallNr.Rmdir => remove.Invoke(call),
        SyscallNr.Rename or SyscallNr.Renameat or SyscallNr.Renameat2 => rename.Invoke(call),
        SyscallNr.Access or SyscallNr.Faccessat or SyscallNr.Faccessat2 => attributes.Access(call),
        SyscallNr.Chmod or SyscallNr.Fchmod or SyscallNr.Fchmodat or SyscallNr.Fchmodat2 => attributes.Chmod(call),
        SyscallNr.Chown or SyscallNr.Fchown or SyscallNr.Lchown or SyscallNr.Fchownat => attributes.Chown(call),
        SyscallNr.Utimensat or SyscallNr.Futimesat or SyscallNr.Utimes or SyscallNr.Utime => times.Invoke(call),
        SyscallNr.Statfs or SyscallNr.Fstatfs => statfs.Invoke(call),
        SyscallNr.Setxattr or SyscallNr.Lsetxattr or SyscallNr.Fsetxattr => xattrs.Set(call),
        SyscallNr.Getxattr or SyscallNr.Lgetxattr or SyscallNr.Fgetxattr => xattrs.Get(call),
        SyscallNr.Listxattr or SyscallNr.Llistxattr or SyscallNr.Flistxattr => xattrs.List(call),
        SyscallNr.Removexattr or SyscallNr.Lremovexattr or SyscallNr.Fremovexattr => xattrs.Remove(call),
        SyscallNr.Umask => FileServices.Done(call, AttributeCalls.Umask(call)),
        SyscallNr.Chdir => directories.Chdir(call),
        SyscallNr.Fchdir => FileServices.Done(call, directories.Fchdir(call)),
        SyscallNr.Getcwd => directories.Getcwd(call),
        SyscallNr.Readlink or SyscallNr.Readlinkat => directories.Readlink(call),
        SyscallNr.Getdents64 => directories.Getdents(call),
        TracerCalls.TellName => FileServices.Done(call, Tell(call)),
        _ => null,
    };

    private SyscallResult Tell(CallProgress call)
    {
        if (call.Operands is { Path: { } path } operands)
            services.Names.Tell(path, operands.External);
        return default;
    }
}
