using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>write, pwrite64, writev, pwritev, pwritev2.</summary>
/// <remarks>Linux: fs/read_write.c: vfs_write, ksys_pwrite64, do_writev, do_pwritev, v6.18.</remarks>
public sealed class WriteCalls
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
    public IEnumerator<PageLookup> Write(CallProgress call) =>
        Begin(call, IoVectors.Single(call), position: null);

    /// <summary>pwrite64(fd, buf, count, pos): EINVAL for a negative position, ESPIPE where there is none.</summary>
    public IEnumerator<PageLookup> Pwrite(CallProgress call) => (long)call.Request.A3 < 0
        ? FileServices.Fail(call, Errno.EINVAL) : Begin(call, IoVectors.Single(call), call.Request.A3);

    /// <summary>writev(fd, iov, count).</summary>
    public IEnumerator<PageLookup> Writev(CallProgress call) => Vectors(call, position: null);

    /// <summary>pwritev(fd, iov, count, pos), pwritev2 with flags; position -1 of pwritev2 is the file's own.</summary>
    public IEnumerator<PageLookup> Pwritev(CallProgress call)
    {
        bool second = call.Request.Nr == SyscallNr.Pwritev2;
        if (second && call.Request.A3 == ulong.MaxValue)
            return Vectors(call, position: null);
        return (long)call.Request.A3 < 0 ? FileServices.Fail(call, Errno.EINVAL) : Vectors(call, call.Request.A3);
    }

    private IEnumerator<PageLookup> Vectors(CallProgress call, ulong? position)
    {
        if (Refuse(call, position, out OpenFile file) is var refusal and not Errno.None)
        {
            call.Fail(refusal);
            yield break;
        }

        var import = new IoVectors(services);
        for (var steps = import.Import(call, call.Request.A1, call.Request.A2); steps.MoveNext();)
            yield return steps.Current;
        if (import.Vectors is not { } vectors)
            yield break;
        if (RwFlags.Check(call, file, vectors, position, writes: true) is var wrong and not Errno.None)
        {
            call.Fail(wrong);
            yield break;
        }

        if (RwFlags.Appends(call) && file.Inode.HasPages)
        {
            ulong end = file.Inode.SizeBytes;
            if (position is null)
                file.Position = end;
            else
                position = end;
        }

        for (var steps = Run(call, file, vectors, position); steps.MoveNext();)
            yield return steps.Current;
    }

    private IEnumerator<PageLookup> Begin(CallProgress call, IoVec[] vectors, ulong? position)
    {
        Errno error = Refuse(call, position, out OpenFile file);
        if (error == Errno.None)
            error = RwFlags.Check(call, file, vectors, position, writes: true);
        return error != Errno.None ? FileServices.Fail(call, error) : Run(call, file, vectors, position);
    }

    private static Errno Refuse(CallProgress call, ulong? position, out OpenFile file)
    {
        file = call.Task.Files.Find(call.Request.A0)!;
        if (file is null || (file.Flags & OpenFlags.Path) != 0)
            return Errno.EBADF;
        if (position is not null && !file.IsSeekable)
            return Errno.ESPIPE;
        return file.CanWrite ? Errno.None : Errno.EBADF;
    }

    private IEnumerator<PageLookup> Run(CallProgress call, OpenFile file, IReadOnlyList<IoVec> vectors, ulong? position)
    {
        bool unknown = call.Operands is { BuffersUnknown: true };
        foreach (IoVec vector in vectors)
        {
            if (!unknown && !services.Users.IsUserRange(vector.Base, vector.Length))
                return FileServices.Fail(call, Errno.EFAULT);
        }

        var buffer = new UserBuffer(vectors, unknown);
        buffer.Limit(IoVectors.BytesMax);
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
