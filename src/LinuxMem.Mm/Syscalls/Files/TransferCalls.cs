using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls.Files.Pipes;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>sendfile, copy_file_range: from file to file without the caller's memory.</summary>
/// <remarks>Linux: fs/read_write.c: do_sendfile, vfs_copy_file_range, generic_copy_file_checks, v6.18.</remarks>
public sealed class TransferCalls
{
    private const int ChunkBytes = 64 << 10;
    private readonly FileServices services;
    private readonly SpliceSource source;
    private readonly FileWriter writer;
    private readonly PipeFill fill;

    /// <summary>With the machine's services.</summary>
    public TransferCalls(FileServices services)
    {
        this.services = services;
        source = new SpliceSource(services);
        writer = new FileWriter(services);
        fill = new PipeFill(services);
    }

    /// <summary>
    /// sendfile(out, in, offset, count): EFAULT, EBADF, ESPIPE, EINVAL (a negative position; a file that is not read or
    /// written this way; appending), EOVERFLOW (beyond what the files may hold), and what comes of the writing.
    /// </summary>
    public IEnumerator<PageLookup> Sendfile(CallProgress call)
    {
        var offset = new OffsetOperand(services);
        for (var steps = offset.Take(call, call.Request.A2, 0); steps.MoveNext();)
            yield return steps.Current;
        if (!offset.IsTaken)
            yield break;
        OpenFile? to = SpliceCalls.Opened(call, call.Request.A0);
        OpenFile? from = SpliceCalls.Opened(call, call.Request.A1);
        ulong position = offset.Value ?? (from is { IsSeekable: true } ? from.Position : 0);
        ulong count = call.Request.A3;
        Errno error = RefuseSend(from, to, offset.Value, position, ref count);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        ulong target = to!.Position;
        bool waits = (to.Flags & OpenFlags.NonBlock) == 0;
        bool isPipe = to.Inode.Pipe is not null;
        for (var steps = isPipe ? fill.Run(call, from!, position, to.Inode.Pipe!, count, !waits)
            : Move(call, from!, position, to, target, count); steps.MoveNext();)
            yield return steps.Current;
        ulong moved = isPipe ? (ulong)Math.Max(0, call.Result.Value) : call.Written;
        if (moved == 0)
            yield break;
        call.Return((long)moved);
        // Where both are one open file, the source's position is what remains.
        if (to.IsSeekable)
            to.Position = target + moved;
        if (offset.Value is null && from!.IsSeekable)
            from.Position = position + moved;
        for (var steps = offset.Give(call, call.Request.A2, position + moved); steps.MoveNext();)
            yield return steps.Current;
    }

    private static Errno RefuseSend(OpenFile? from, OpenFile? to, ulong? offset, ulong position, ref ulong count)
    {
        if (from is not { CanRead: true })
            return Errno.EBADF;
        if (offset is not null && !from.IsSeekable)
            return Errno.ESPIPE;
        if ((long)count < 0 || (long)position < 0 || (long)(position + count) < 0)
            return Errno.EINVAL;
        count = Math.Min(count, IoVectors.BytesMax);
        if (to is not { CanWrite: true })
            return Errno.EBADF;
        ulong most = Math.Min(MostOf(from), MostOf(to));
        if (position + count > most)
        {
            if (position >= most)
                return Errno.EOVERFLOW;
            count = most - position;
        }

        if (to.Inode.Pipe is not null)
            return Errno.None;
        return (to.Flags & OpenFlags.Append) != 0 || !from.IsSeekable ? Errno.EINVAL : Errno.None;
    }

    private static bool IsRegular(OpenFile file) => file.Inode.HasPages || file.Inode.Kind == InodeKind.Generated;

    private static ulong MostOf(OpenFile file) => file.Inode.Kind == InodeKind.Regular ? MappedFile.MaxBytes
        : long.MaxValue;

    /// <summary>copy_file_range(in, offset, out, offset, count, flags): EBADF, EINVAL, EISDIR, EFAULT.</summary>
    public IEnumerator<PageLookup> CopyFileRange(CallProgress call)
    {
        OpenFile? from = SpliceCalls.Opened(call, call.Request.A0);
        OpenFile? to = SpliceCalls.Opened(call, call.Request.A2);
        if (from is null || to is null)
        {
            call.Fail(Errno.EBADF);
            yield break;
        }

        var fromOffset = new OffsetOperand(services);
        for (var steps = fromOffset.Take(call, call.Request.A1, 0); steps.MoveNext();)
            yield return steps.Current;
        if (!fromOffset.IsTaken)
            yield break;
        var toOffset = new OffsetOperand(services);
        for (var steps = toOffset.Take(call, call.Request.A3, 1); steps.MoveNext();)
            yield return steps.Current;
        if (!toOffset.IsTaken)
            yield break;
        ulong place = fromOffset.Value ?? from.Position;
        ulong target = toOffset.Value ?? to.Position;
        ulong count = call.Request.A4;
        Errno error = Refuse(call, from, place, to, target, ref count);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        for (var steps = Move(call, from, place, to, target, count); steps.MoveNext();)
            yield return steps.Current;
        ulong moved = call.Written;
        if (moved == 0)
            yield break;
        call.Return((long)moved);
        if (fromOffset.Value is null)
            from.Position = place + moved;
        if (toOffset.Value is null)
            to.Position = target + moved;
        for (var steps = fromOffset.Give(call, call.Request.A1, place + moved); steps.MoveNext();)
            yield return steps.Current;
        for (var steps = toOffset.Give(call, call.Request.A3, target + moved); steps.MoveNext();)
            yield return steps.Current;
    }

    private static Errno Refuse(CallProgress call, OpenFile from, ulong place, OpenFile to, ulong target,
        ref ulong count)
    {
        if (call.Request.A5 != 0)
            return Errno.EINVAL;
        if (from.Inode.Kind == InodeKind.Directory || to.Inode.Kind == InodeKind.Directory)
            return Errno.EISDIR;
        if (!IsRegular(from) || !IsRegular(to))
            return Errno.EINVAL;
        if (!from.CanRead || !to.CanWrite || (to.Flags & OpenFlags.Append) != 0)
            return Errno.EBADF;
        if (from.Inode.Kind != to.Inode.Kind)
            return Errno.EXDEV;
        if (place + count < place || target + count < target)
            return Errno.EOVERFLOW;
        count = place >= from.Inode.SizeBytes ? 0 : Math.Min(count, from.Inode.SizeBytes - place);
        if (((long)target >= 0 && target >= MostOf(to)) || !FileSizeLimit.Allows(call, target + 1))
            return Errno.EFBIG;
        count = Math.Min(count, Math.Min(MostOf(to), FileSizeLimit.Of(call)) - target);
        bool overlaps = from.Inode == to.Inode && target + count > place && target < place + count;
        if (overlaps)
            return Errno.EINVAL;
        return (long)place < 0 || (long)target < 0 ? Errno.EINVAL : Errno.None;
    }

    // What was read and could not be written is read again by whoever goes on.
    private IEnumerator<PageLookup> Move(CallProgress call, OpenFile from, ulong position, OpenFile to, ulong target,
        ulong count)
    {
        call.Return(0);
        if (!SpliceSource.Reads(from) || !(to.Inode.HasPages || to.Inode.Kind is InodeKind.DevZero or InodeKind.Stream))
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        byte[] chunk = new byte[(int)Math.Min(count, ChunkBytes)];
        while (count > call.Written)
        {
            ulong before = call.Written;
            var part = chunk.AsMemory(0, (int)Math.Min(count - before, (ulong)chunk.Length));
            for (var steps = source.Read(call, from, position + before, part); steps.MoveNext();)
                yield return steps.Current;
            if (source.Count == 0)
            {
                call.Fail(call.ReadError);
                yield break;
            }

            if (!to.Inode.HasPages)
            {
                call.Written += (ulong)source.Count;
                continue;
            }

            var write = UserBuffer.OfKernel(part[..source.Count]);
            Errno error = WriteLimits.Check(call, to, target + before, write);
            if (error != Errno.None)
            {
                call.Fail(error);
                yield break;
            }

            for (var steps = writer.Write(call, to, target + before, write); steps.MoveNext();)
                yield return steps.Current;
            if (call.Written - before < (ulong)source.Count)
                yield break;
        }
    }
}
