using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Fork;
using LinuxMem.Mm.Syscalls.Files.Locks;
using LinuxMem.Mm.Syscalls.Files.Names;
using LinuxMem.Mm.Syscalls.Files.Pipes;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>The system calls on files, by number.</summary>
public sealed class FileCalls
{
    private readonly OpenCalls open;
    private readonly ReadCalls read;
    private readonly WriteCalls write;
    private readonly SizeCalls size;
    private readonly PipeCalls pipe;
    private readonly AddSeals seals;
    private readonly Fallocate fallocate;
    private readonly SyncCalls sync;
    private readonly NameCalls names;
    private readonly MemfdCreate memfd;
    private readonly TransferCalls transfer;
    private readonly StatCalls stat;
    private readonly Cachestat cachestat;
    private readonly SpliceCalls splice;
    private readonly VmspliceCall vmsplice;
    private readonly SeekHoleData seek;
    private readonly RangeLocks locks;
    private readonly DescriptorIoctl ioctl;

    /// <summary>With the machine's services.</summary>
    public FileCalls(FileServices services, MmLifecycle lifecycle)
    {
        Services = services;
        open = new OpenCalls(services);
        read = new ReadCalls(services);
        write = new WriteCalls(services);
        size = new SizeCalls(services);
        pipe = new PipeCalls(services);
        seals = new AddSeals(services.Memory, lifecycle);
        fallocate = new Fallocate(services);
        sync = new SyncCalls(services);
        names = new NameCalls(services);
        memfd = new MemfdCreate(services);
        transfer = new TransferCalls(services);
        stat = new StatCalls(services);
        cachestat = new Cachestat(services);
        splice = new SpliceCalls(services);
        vmsplice = new VmspliceCall(services);
        seek = new SeekHoleData(services);
        locks = new RangeLocks(services);
        ioctl = new DescriptorIoctl(services);
    }

    /// <summary>What calls on files work with.</summary>
    public FileServices Services { get; }

    /// <summary>Begins a call on files; false if it is another call.</summary>
    public bool TryBegin(in SyscallContext call, out CallProgress? progress)
    {
        progress = new CallProgress(call);
        progress.Steps = Steps(progress);
        return progress.Steps is not null;
    }

    private IEnumerator<PageLookup>? Steps(CallProgress call) => call.Request.Nr switch
    {
        SyscallNr.Open => open.Open(call),
        SyscallNr.Openat => open.Openat(call),
        SyscallNr.Creat => open.Creat(call),
        SyscallNr.Close => FileServices.Done(call, DescriptorCalls.Close(call)),
        SyscallNr.CloseRange => FileServices.Done(call, DescriptorCalls.CloseRange(call)),
        SyscallNr.Dup => FileServices.Done(call, DescriptorCalls.Dup(call)),
        SyscallNr.Dup2 => FileServices.Done(call, DescriptorCalls.Dup2(call)),
        SyscallNr.Dup3 => FileServices.Done(call, DescriptorCalls.Dup3(call)),
        SyscallNr.Flock => Flock.Invoke(call),
        SyscallNr.Fcntl when RangeLocks.Concerns(call.Request.A1) => locks.Invoke(call),
        SyscallNr.Fcntl when AddSeals.Concerns(call.Request.A1) => seals.Invoke(call),
        SyscallNr.Fcntl => FileServices.Done(call, Fcntl.Invoke(call)),
        SyscallNr.Ioctl when DescriptorIoctl.Concerns(call) => ioctl.Invoke(call),
        SyscallNr.Lseek => SeekHoleData.Concerns(call)
            ? seek.Invoke(call) : FileServices.Done(call, DescriptorCalls.Lseek(call)),
        SyscallNr.Read => read.Read(call),
        SyscallNr.Pread64 => read.Pread(call),
        SyscallNr.Readv => read.Readv(call),
        SyscallNr.Preadv or SyscallNr.Preadv2 => read.Preadv(call),
        SyscallNr.Write => write.Write(call),
        SyscallNr.Pwrite64 => write.Pwrite(call),
        SyscallNr.Writev => write.Writev(call),
        SyscallNr.Pwritev or SyscallNr.Pwritev2 => write.Pwritev(call),
        SyscallNr.Ftruncate => size.Ftruncate(call),
        SyscallNr.Truncate => size.Truncate(call),
        SyscallNr.Fallocate => fallocate.Invoke(call),
        SyscallNr.Fsync or SyscallNr.Fdatasync or SyscallNr.Syncfs => sync.Fsync(call),
        SyscallNr.Sync => sync.Sync(call),
        SyscallNr.SyncFileRange => sync.SyncFileRange(call),
        SyscallNr.Fadvise64 => sync.Fadvise(call),
        SyscallNr.Readahead => sync.Readahead(call),
        SyscallNr.MemfdCreate => memfd.Invoke(call),
        SyscallNr.MemfdSecret => FileServices.Done(call, MemfdSecret.Invoke(call, Services.Names)),
        SyscallNr.Cachestat => cachestat.Invoke(call),
        SyscallNr.Sendfile => transfer.Sendfile(call),
        SyscallNr.Splice => splice.Splice(call),
        SyscallNr.Tee => SpliceCalls.Tee(call),
        SyscallNr.Vmsplice => vmsplice.Invoke(call),
        SyscallNr.CopyFileRange => transfer.CopyFileRange(call),
        SyscallNr.Stat or SyscallNr.Lstat or SyscallNr.Fstat or SyscallNr.Newfstatat or SyscallNr.Statx =>
            stat.Invoke(call),
        SyscallNr.Pipe or SyscallNr.Pipe2 => pipe.Invoke(call),
        _ => names.Steps(call),
    };
}
