using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>write, pwrite64, writev, pwritev, pwritev2.</summary>
/// <remarks>Linux: fs/read_write.c: vfs_write, ksys_pwrite64, do_writev, do_pwritev, v6.18.</remarks>
public sealed class WriteCalls : FileIoCall
{
    private readonly FileServices services;
    private readonly FileWriter writer;
    private readonly PipeWriter pipes;
    private readonly BufferCopy copy;
    private readonly DropCaches dropCaches;
    private readonly WrittenTunables tunables;
    private readonly CompactMemory compactMemory;

    /// <summary>With the machine's services.</summary>
    public WriteCalls(FileServices services)
        : base(services, writes: true)
    {
        this.services = services;
        writer = new FileWriter(services);
        pipes = new PipeWriter(services);
        copy = new BufferCopy(services.Copy);
        dropCaches = new DropCaches(services);
        tunables = new WrittenTunables(services);
        compactMemory = new CompactMemory(services);
    }

    /// <summary>write(fd, buf, count): at the file's position, which moves.</summary>
    public IEnumerator<PageLookup> Write(CallProgress call) => AtPosition(call);

    /// <summary>pwrite64(fd, buf, count, pos): EINVAL for a negative position, ESPIPE where there is none.</summary>
    public IEnumerator<PageLookup> Pwrite(CallProgress call) => AtOffset(call);

    /// <summary>writev(fd, iov, count).</summary>
    public IEnumerator<PageLookup> Writev(CallProgress call) => Vectors(call);

    /// <summary>pwritev(fd, iov, count, pos), pwritev2 with flags; position -1 of pwritev2 is the file's own.</summary>
    public IEnumerator<PageLookup> Pwritev(CallProgress call) =>
        VectorsAtOffset(call, second: call.Request.Nr == SyscallNr.Pwritev2);

    private protected override Errno Refuse(OpenFile file) => file.CanWrite ? Errno.None : Errno.EBADF;

    private protected override IEnumerator<PageLookup> Run(
        CallProgress call, OpenFile file, UserBuffer buffer, ulong? position)
    {
        return file.Inode.Kind switch
        {
            InodeKind.Shmem when file.Inode.Huge is not null || file.Inode.IsSecret =>
                FileServices.Fail(call, Errno.EINVAL),
            InodeKind.Regular or InodeKind.Shmem => ToFile(call, file, buffer, position),
            InodeKind.Pipe => pipes.Write(call, file, buffer),
            InodeKind.Generated when file.Path == DropCaches.Path => dropCaches.Write(call, buffer),
            InodeKind.Generated when tunables.Takes(file.Path) => tunables.Write(call, file.Path, buffer),
            InodeKind.Generated when file.Path == CompactMemory.Path => compactMemory.Write(call, buffer),
            // Null and zero take everything without a look at it.
            InodeKind.DevZero => FileServices.Done(call, new SyscallResult((long)buffer.Left)),
            InodeKind.Stream when file.Path == "/dev/null" =>
                FileServices.Done(call, new SyscallResult((long)buffer.Left)),
            InodeKind.Stream => ToStream(call, buffer),
            _ => FileServices.Fail(call, Errno.EINVAL),
        };
    }

    private IEnumerator<PageLookup> ToFile(CallProgress call, OpenFile file, UserBuffer buffer, ulong? position)
    {
        if (buffer.Left == 0)
        {
            call.Return(0);
            yield break;
        }

        bool appends = (file.Flags & OpenFlags.Append) != 0;
        ulong at = appends ? file.Inode.SizeBytes : position ?? file.Position;
        Errno refusal = WriteLimits.Check(call, file, at, buffer);
        if (refusal != Errno.None)
        {
            call.Fail(refusal);
            yield break;
        }

        for (var steps = writer.Write(call, file, at, buffer); steps.MoveNext();)
            yield return steps.Current;
        // What a failing last page had in the buffer is not written.
        ulong written = call.Written;
        if (written == 0)
            yield break;
        if (position is null)
            file.Position = at + written;
        call.Return((long)written);
    }

    private IEnumerator<PageLookup> ToStream(CallProgress call, UserBuffer buffer)
    {
        byte[] page = new byte[services.Memory.Geometry.PageBytes];
        bool any = buffer.Left > 0;
        while (buffer.Left > 0)
        {
            int part = (int)Math.Min(buffer.Left, (ulong)page.Length);
            for (var steps = copy.In(call, buffer, page.AsMemory(0, part)); steps.MoveNext();)
                yield return steps.Current;
            if (call.Copied < (ulong)part)
                break;
        }

        if (buffer.Passed == 0 && any)
            call.Fail(Errno.EFAULT);
        else
            call.Return((long)buffer.Passed);
    }
}
