using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>What the calls that read and those that write have in common: descriptor, position, buffers.</summary>
/// <remarks>Linux: fs/read_write.c: ksys_read, ksys_pread64, do_readv, do_preadv and those that write, v6.18.</remarks>
/// <param name="services">The machine's services.</param>
/// <param name="writes">Whether it writes.</param>
public abstract class FileIoCall(FileServices services, bool writes)
{
    /// <summary>call(fd, buf, count): at the file's position.</summary>
    protected IEnumerator<PageLookup> AtPosition(CallProgress call) => Begin(call, position: null);

    /// <summary>call(fd, buf, count, pos): EINVAL for a negative position, ESPIPE where there is none.</summary>
    protected IEnumerator<PageLookup> AtOffset(CallProgress call) => (long)call.Request.A3 < 0
        ? FileServices.Fail(call, Errno.EINVAL) : Begin(call, call.Request.A3);

    /// <summary>call(fd, iov, count): at the file's position.</summary>
    protected IEnumerator<PageLookup> Vectors(CallProgress call) => Vectors(call, position: null);

    /// <summary>call(fd, iov, count, pos), or the second form with flags; its position -1 is the file's own.</summary>
    protected IEnumerator<PageLookup> VectorsAtOffset(CallProgress call, bool second)
    {
        if (second && call.Request.A3 == ulong.MaxValue)
            return Vectors(call, position: null);
        return (long)call.Request.A3 < 0 ? FileServices.Fail(call, Errno.EINVAL) : Vectors(call, call.Request.A3);
    }

    /// <summary>Why a file that is open, with that position, is not for this; none if it is.</summary>
    private protected abstract Errno Refuse(OpenFile file);

    /// <summary>Does it, with buffers that lie in user space.</summary>
    private protected abstract IEnumerator<PageLookup> Run(
        CallProgress call, OpenFile file, UserBuffer buffer, ulong? position);

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
        if (RwFlags.Check(call, file, vectors, position, writes) is var wrong and not Errno.None)
        {
            call.Fail(wrong);
            yield break;
        }

        if (writes && RwFlags.Appends(call) && file.Inode.HasPages)
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

    private IEnumerator<PageLookup> Begin(CallProgress call, ulong? position)
    {
        IoVec[] vectors = IoVectors.Single(call);
        Errno error = Refuse(call, position, out OpenFile file);
        if (error == Errno.None)
            error = RwFlags.Check(call, file, vectors, position, writes);
        return error != Errno.None ? FileServices.Fail(call, error) : Run(call, file, vectors, position);
    }

    private Errno Refuse(CallProgress call, ulong? position, out OpenFile file)
    {
        file = call.Task.Files.Find(call.Request.A0)!;
        if (file is null || (file.Flags & OpenFlags.Path) != 0)
            return Errno.EBADF;
        return position is not null && !file.IsSeekable ? Errno.ESPIPE : Refuse(file);
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
        return Run(call, file, buffer, position);
    }
}
