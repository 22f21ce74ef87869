using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>read, pread64, readv, preadv, preadv2.</summary>
/// <remarks>Linux: fs/read_write.c: vfs_read, ksys_pread64, do_readv, do_preadv, v6.18.</remarks>
public sealed class ReadCalls : FileIoCall
{
    private const ulong TextBytesMax = 1 << 20;
    private readonly FileServices services;
    private readonly FileReader reader;
    private readonly PipeReader pipes;
    private readonly UserfaultReader userfaults;
    private readonly BufferCopy copy;

    /// <summary>With the machine's services.</summary>
    public ReadCalls(FileServices services)
        : base(services, writes: false)
    {
        this.services = services;
        reader = new FileReader(services);
        pipes = new PipeReader(services);
        userfaults = new UserfaultReader(services);
        copy = new BufferCopy(services.Copy);
    }

    /// <summary>read(fd, buf, count): from the file's position, which moves.</summary>
    public IEnumerator<PageLookup> Read(CallProgress call) => AtPosition(call);

    /// <summary>pread64(fd, buf, count, pos): EINVAL for a negative position, ESPIPE where there is none.</summary>
    public IEnumerator<PageLookup> Pread(CallProgress call) => AtOffset(call);

    /// <summary>readv(fd, iov, count).</summary>
    public IEnumerator<PageLookup> Readv(CallProgress call) => Vectors(call);

    /// <summary>preadv(fd, iov, count, pos), preadv2 with flags; position -1 of preadv2 is the file's own.</summary>
    public IEnumerator<PageLookup> Preadv(CallProgress call) =>
        VectorsAtOffset(call, second: call.Request.Nr == SyscallNr.Preadv2);

    private protected override Errno Refuse(OpenFile file)
    {
        if (!file.CanRead)
            return Errno.EBADF;
        return file.Inode.Kind == InodeKind.Directory ? Errno.EISDIR : Errno.None;
    }

    private protected override IEnumerator<PageLookup> Run(
        CallProgress call, OpenFile file, UserBuffer buffer, ulong? position)
    {
        return file.Inode.Kind switch
        {
            InodeKind.Shmem when file.Inode.IsSecret => FileServices.Fail(call, Errno.EINVAL),
            InodeKind.Regular or InodeKind.Shmem => OfFile(call, file, buffer, position),
            InodeKind.Pipe => pipes.Read(call, file, buffer),
            InodeKind.Generated => OfText(call, file, buffer, position),
            InodeKind.DevZero => OfZero(call, buffer),
            InodeKind.Stream => OfStream(call, buffer),
            InodeKind.Anonymous when file.Inode.Userfault is not null => userfaults.Read(call, file, buffer),
            _ => FileServices.Fail(call, Errno.EINVAL),
        };
    }

    private IEnumerator<PageLookup> OfFile(CallProgress call, OpenFile file, UserBuffer buffer, ulong? position)
    {
        bool any = buffer.Left > 0 && (position ?? file.Position) < file.Inode.SizeBytes;
        for (var steps = reader.Read(call, file, position ?? file.Position, buffer); steps.MoveNext();)
            yield return steps.Current;
        if (buffer.Passed == 0 && call.ReadError != Errno.None)
        {
            call.Fail(call.ReadError);
            yield break;
        }

        Finish(call, file, buffer, any, position);
    }

    private IEnumerator<PageLookup> OfText(CallProgress call, OpenFile file, UserBuffer buffer, ulong? position)
    {
        // What a text gives at a time is far less; only pagemap could give more.
        var bytes = new byte[Math.Min(buffer.Left, TextBytesMax)];
        int read = file.Generated!.Read((long)(position ?? file.Position), bytes, out Errno error);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        for (var steps = copy.Out(call, buffer, bytes.AsMemory(0, read)); steps.MoveNext();)
            yield return steps.Current;
        Finish(call, file, buffer, read > 0, position);
    }

    private IEnumerator<PageLookup> OfZero(CallProgress call, UserBuffer buffer)
    {
        byte[] zeros = new byte[services.Memory.Geometry.PageBytes];
        bool any = buffer.Left > 0;
        while (buffer.Left > 0)
        {
            ulong left = buffer.Left;
            for (var steps = copy.Out(call, buffer, zeros); steps.MoveNext();)
                yield return steps.Current;
            if (left - buffer.Left < Math.Min(left, (ulong)zeros.Length))
                break;
        }

        Finish(call, null, buffer, any, null);
    }

    private IEnumerator<PageLookup> OfStream(CallProgress call, UserBuffer buffer)
    {
        ReadOnlyMemory<byte> bytes = call.Operands?.Incoming ?? default;
        bool any = buffer.Left > 0 && bytes.Length > 0;
        for (var steps = copy.Out(call, buffer, bytes); steps.MoveNext();)
            yield return steps.Current;
        Finish(call, null, buffer, any, null);
    }

    private static void Finish(CallProgress call, OpenFile? file, UserBuffer buffer, bool any, ulong? position)
    {
        if (buffer.Passed == 0 && any)
        {
            call.Fail(Errno.EFAULT);
            return;
        }

        if (file is not null && position is null)
            file.Position += buffer.Passed;
        call.Return((long)buffer.Passed);
    }
}
