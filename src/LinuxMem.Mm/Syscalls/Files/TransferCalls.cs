using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>sendfile, copy_file_range: from file to file without the caller's memory.</summary>
/// <remarks>Linux: fs/read_write.c: do_sendfile, vfs_copy_file_range, generic_copy_file_checks, v6.18.</remarks>
public sealed class TransferCalls
{
    private const int ChunkBytes = 64 << 10;
    private readonly FileServices services;
    private readonly FileReader reader;
    private readonly FileWriter writer;
    private readonly PipeWriter pipes;

    /// <summary>With the machine's services.</summary>
    public TransferCalls(FileServices services)
    {
        this.services = services;
        reader = new FileReader(services);
        writer = new FileWriter(services);
        pipes = new PipeWriter(services);
    }

    /// <summary>sendfile(out, in, offset, count): EBADF, EINVAL, EFAULT, ESPIPE.</summary>
    public IEnumerator<PageLookup> Sendfile(CallProgress call)
    {
        OpenFile? to = call.Task.Files.Find((uint)call.Request.A0);
        OpenFile? from = call.Task.Files.Find((uint)call.Request.A1);
        ulong count = Math.Min(call.Request.A3, IoVectors.BytesMax);
        var offset = new OffsetOperand(services);
        for (var steps = offset.Take(call, call.Request.A2, 0); steps.MoveNext();)
            yield return steps.Current;
        if (!offset.IsTaken)
            yield break;
        Errno error = from is null || to is null || !from.CanRead || !to.CanWrite ? Errno.EBADF
            : offset.Value is not null && !from.IsSeekable ? Errno.ESPIPE
            : (long)(offset.Value ?? 0) < 0 || !from.Inode.HasPages ? Errno.EINVAL
            : (to.Flags & OpenFlags.Append) != 0 ? Errno.EINVAL : Errno.None;
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        ulong position = offset.Value ?? from!.Position;
        for (var steps = Move(call, from!, position, to!, to!.Position, count); steps.MoveNext();)
            yield return steps.Current;
        ulong moved = call.Written;
        if (to.IsSeekable)
            to.Position += moved;
        if (offset.Value is null)
            from!.Position += moved;
        if (moved > 0 || call.Result.Value == 0)
            call.Return((long)moved);
        for (var steps = offset.Give(call, call.Request.A2, position + moved); steps.MoveNext();)
            yield return steps.Current;
    }

    /// <summary>copy_file_range(in, offset, out, offset, count, flags): EBADF, EINVAL, EISDIR, EFAULT.</summary>
    public IEnumerator<PageLookup> CopyFileRange(CallProgress call)
    {
        OpenFile? from = call.Task.Files.Find((uint)call.Request.A0);
        OpenFile? to = call.Task.Files.Find((uint)call.Request.A2);
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
        ulong source = fromOffset.Value ?? from.Position;
        ulong target = toOffset.Value ?? to.Position;
        ulong count = call.Request.A4;
        Errno error = Refuse(from, source, to, target, ref count, call.Request.A5);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        for (var steps = Move(call, from, source, to, target, count); steps.MoveNext();)
            yield return steps.Current;
        ulong moved = call.Written;
        if (moved > 0 || call.Result.Value == 0)
            call.Return((long)moved);
        if (moved == 0)
            yield break;
        if (fromOffset.Value is null)
            from.Position += moved;
        if (toOffset.Value is null)
            to.Position += moved;
        for (var steps = fromOffset.Give(call, call.Request.A1, source + moved); steps.MoveNext();)
            yield return steps.Current;
        for (var steps = toOffset.Give(call, call.Request.A3, target + moved); steps.MoveNext();)
            yield return steps.Current;
    }

    private static Errno Refuse(OpenFile from, ulong source, OpenFile to, ulong target, ref ulong count, ulong flags)
    {
        if (flags != 0)
            return Errno.EINVAL;
        if (from.Inode.Kind == InodeKind.Directory || to.Inode.Kind == InodeKind.Directory)
            return Errno.EISDIR;
        if (!from.Inode.HasPages || !to.Inode.HasPages)
            return Errno.EINVAL;
        if (!from.CanRead || !to.CanWrite || (to.Flags & OpenFlags.Append) != 0)
            return Errno.EBADF;
        if (from.Inode.Kind != to.Inode.Kind)
            return Errno.EXDEV;
        if (source + count < source || target + count < target)
            return Errno.EOVERFLOW;
        count = source >= from.Inode.SizeBytes ? 0 : Math.Min(count, from.Inode.SizeBytes - source);
        bool overlaps = from.Inode == to.Inode && target + count > source && target < source + count;
        return overlaps ? Errno.EINVAL : Errno.None;
    }

    private IEnumerator<PageLookup> Move(CallProgress call, OpenFile from, ulong source, OpenFile to, ulong target,
        ulong count)
    {
        byte[] chunk = new byte[(int)Math.Min(count, ChunkBytes)];
        while (count > 0)
        {
            var read = UserBuffer.OfKernel(chunk.AsMemory(0, (int)Math.Min(count, (ulong)chunk.Length)));
            for (var steps = reader.Read(call, from, source, read); steps.MoveNext();)
                yield return steps.Current;
            if (read.Passed == 0)
            {
                if (call.Written == 0 && call.ReadError != Errno.None)
                    call.Fail(call.ReadError);
                yield break;
            }

            var write = UserBuffer.OfKernel(chunk.AsMemory(0, (int)read.Passed));
            IEnumerator<PageLookup>? put = to.Inode.Kind switch
            {
                InodeKind.Regular or InodeKind.Shmem => writer.Write(call, to, target, write),
                InodeKind.Pipe => pipes.Write(call, to, write),
                _ => null,
            };
            ulong before = call.Written;
            while (put is not null && put.MoveNext())
                yield return put.Current;
            if (!to.Inode.HasPages)
                call.Written += put is null ? read.Passed : (ulong)Math.Max(0, call.Result.Value);
            ulong moved = call.Written - before;
            source += moved;
            target += moved;
            count -= moved;
            if (moved < read.Passed)
                yield break;
        }
    }

    // A position in user memory that a call takes from and gives back to.
    private sealed class OffsetOperand(FileServices services)
    {
        public bool IsTaken { get; private set; }

        public ulong? Value { get; private set; }

        public IEnumerator<PageLookup> Take(CallProgress call, ulong address, int word)
        {
            IsTaken = true;
            bool known = call.Operands?.Words is { } words && words.Count > word;
            if (known)
                Value = call.Operands!.Words![word];
            if (address == 0 || call.Operands is { BuffersUnknown: true })
                yield break;
            byte[] raw = new byte[8];
            for (var steps = services.Copy.CopyFromUser(call, address, raw); steps.MoveNext();)
                yield return steps.Current;
            IsTaken = call.Copied == 8;
            if (!IsTaken)
                call.Fail(Errno.EFAULT);
            else if (!known)
                Value = BinaryPrimitives.ReadUInt64LittleEndian(raw);
        }

        public IEnumerator<PageLookup> Give(CallProgress call, ulong address, ulong position)
        {
            if (Value is null || address == 0 || call.Operands is { BuffersUnknown: true })
                yield break;
            byte[] raw = new byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(raw, position);
            for (var steps = services.Copy.CopyToUser(call, address, raw); steps.MoveNext();)
                yield return steps.Current;
            if (call.Copied < 8)
                call.Fail(Errno.EFAULT);
        }
    }
}
