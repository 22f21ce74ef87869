using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files.Pipes;

/// <summary>splice, tee.</summary>
/// <remarks>Linux: fs/splice.c: splice, __do_splice, do_splice, tee, do_tee; fs/read_write.c: rw_verify_area, v6.18.
/// </remarks>
internal sealed class SpliceCalls
{
    /// <summary>SPLICE_F_MOVE, _NONBLOCK, _MORE, _GIFT.</summary>
    internal const ulong KnownFlags = 0xf;

    /// <summary>SPLICE_F_NONBLOCK.</summary>
    internal const ulong NonBlock = 2;

    private readonly FileServices services;
    private readonly PipeFill fill;
    private readonly PipeDrain drain;

    /// <summary>With the machine's services.</summary>
    internal SpliceCalls(FileServices services)
    {
        this.services = services;
        fill = new PipeFill(services);
        drain = new PipeDrain(services);
    }

    /// <summary>
    /// splice(in, offset, out, offset, count, flags): EINVAL (flags; no pipe; the same pipe; appending; a file that is
    /// not read or written this way), EBADF, ESPIPE (an offset for a pipe), EFAULT, EPIPE, EAGAIN, EINTR.
    /// </summary>
    internal IEnumerator<PageLookup> Splice(CallProgress call)
    {
        SyscallRequest request = call.Request;
        uint flags = (uint)request.A5;
        if (request.A4 == 0)
            return FileServices.Done(call, default);
        if ((flags & ~KnownFlags) != 0)
            return FileServices.Fail(call, Errno.EINVAL);
        if (Opened(call, request.A0) is not { } from || Opened(call, request.A2) is not { } to)
            return FileServices.Fail(call, Errno.EBADF);
        bool isPipe = from.Inode.Pipe is not null || to.Inode.Pipe is not null;
        if ((from.Inode.Pipe is not null && request.A1 != 0) || (to.Inode.Pipe is not null && request.A3 != 0))
            return FileServices.Fail(call, Errno.ESPIPE);
        return Between(call, from, to, isPipe, (flags & NonBlock) != 0);
    }

    /// <summary>
    /// tee(in, out, count, flags): EINVAL (flags; not two pipes), EBADF, EPIPE, EAGAIN, EINTR.
    /// </summary>
    internal static IEnumerator<PageLookup> Tee(CallProgress call)
    {
        SyscallRequest request = call.Request;
        uint flags = (uint)request.A3;
        if ((flags & ~KnownFlags) != 0)
            return FileServices.Fail(call, Errno.EINVAL);
        if (request.A2 == 0)
            return FileServices.Done(call, default);
        if (Opened(call, request.A0) is not { CanRead: true } from || Opened(call, request.A1) is not { } to
            || !to.CanWrite)
            return FileServices.Fail(call, Errno.EBADF);
        if (from.Inode.Pipe is not { } source || to.Inode.Pipe is not { } target || source == target)
            return FileServices.Fail(call, Errno.EINVAL);
        bool isNonBlocking = (flags & NonBlock) != 0 || IsNonBlocking(from) || IsNonBlocking(to);
        return Holding(from, to, PipeToPipe.Share(call, source, target, request.A2, isNonBlocking));
    }

    /// <summary>The open file of a descriptor that is open for more than its path.</summary>
    internal static OpenFile? Opened(CallProgress call, ulong fd) =>
        call.Task.Files.Find((uint)fd) is { } file && (file.Flags & OpenFlags.Path) == 0 ? file : null;

    private IEnumerator<PageLookup> Between(CallProgress call, OpenFile from, OpenFile to, bool isPipe,
        bool isNonBlocking)
    {
        var toOffset = new OffsetOperand(services);
        for (var steps = toOffset.Take(call, call.Request.A3, 1); steps.MoveNext();)
            yield return steps.Current;
        if (!toOffset.IsTaken)
            yield break;
        var fromOffset = new OffsetOperand(services);
        for (var steps = fromOffset.Take(call, call.Request.A1, 0); steps.MoveNext();)
            yield return steps.Current;
        if (!fromOffset.IsTaken)
            yield break;
        Errno error = !from.CanRead || !to.CanWrite ? Errno.EBADF : isPipe ? Errno.None : Errno.EINVAL;
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        ulong count = call.Request.A4;
        IEnumerator<PageLookup> work = (from.Inode.Pipe, to.Inode.Pipe) switch
        {
            ({ } source, { } target) => source == target ? FileServices.Fail(call, Errno.EINVAL)
                : PipeToPipe.Move(call, source, target, count,
                    isNonBlocking || IsNonBlocking(from) || IsNonBlocking(to)),
            ({ } source, null) => ToFile(call, source, to, toOffset, count, isNonBlocking || IsNonBlocking(from)),
            (null, { } target) => FromFile(call, from, fromOffset, target, count, isNonBlocking || IsNonBlocking(to)),
            _ => throw new Simulation.KernelBug("splice without a pipe goes on"),
        };
        // Who is killed while it waits must not take the descriptors along.
        using IEnumerator<PageLookup> moving = Holding(from, to, work);
        while (moving.MoveNext())
            yield return moving.Current;
    }

    private IEnumerator<PageLookup> ToFile(CallProgress call, Pipe pipe, OpenFile to, OffsetOperand offset, ulong count,
        bool isNonBlocking)
    {
        ulong at = offset.Value ?? (to.IsSeekable ? to.Position : 0);
        Errno error = offset.Value is not null && !to.IsSeekable ? Errno.EINVAL
            : (to.Flags & OpenFlags.Append) != 0 ? Errno.EINVAL : Verify(at, count);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        for (var steps = drain.Run(call, pipe, to, at, count, isNonBlocking); steps.MoveNext();)
            yield return steps.Current;
        ulong moved = call.Written;
        if (moved == 0)
            yield break;
        call.Return((long)moved);
        if (offset.Value is null && to.Inode.HasPages)
            to.Position = at + moved;
        for (var steps = offset.Give(call, call.Request.A3, at + moved); steps.MoveNext();)
            yield return steps.Current;
    }

    private IEnumerator<PageLookup> FromFile(CallProgress call, OpenFile from, OffsetOperand offset, Pipe pipe,
        ulong count, bool isNonBlocking)
    {
        ulong at = offset.Value ?? (from.IsSeekable ? from.Position : 0);
        Errno error = offset.Value is not null && !from.IsSeekable ? Errno.EINVAL : Verify(at, count);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        for (var steps = fill.Run(call, from, at, pipe, count, isNonBlocking); steps.MoveNext();)
            yield return steps.Current;
        if (call.Result.IsError)
            yield break;
        ulong moved = (ulong)call.Result.Value;
        if (offset.Value is null && from.IsSeekable)
            from.Position = at + moved;
        for (var steps = offset.Give(call, call.Request.A1, at + moved); steps.MoveNext();)
            yield return steps.Current;
    }

    private static bool IsNonBlocking(OpenFile file) => (file.Flags & OpenFlags.NonBlock) != 0;

    private static Errno Verify(ulong at, ulong count) =>
        (long)count < 0 || (long)at < 0 || (long)(at + count) < 0 ? Errno.EINVAL : Errno.None;

    // Another thread may close the descriptors while this one waits.
    private static IEnumerator<PageLookup> Holding(OpenFile from, OpenFile to, IEnumerator<PageLookup> work)
    {
        from.Get();
        to.Get();
        try
        {
            while (work.MoveNext())
                yield return work.Current;
        }
        finally
        {
            from.Put();
            to.Put();
        }
    }
}
