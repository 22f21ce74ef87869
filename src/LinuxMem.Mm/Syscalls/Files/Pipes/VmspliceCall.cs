using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files.Pipes;

/// <summary>vmsplice: pages of user memory into a pipe, or bytes of a pipe into user memory.</summary>
/// <remarks>
/// Linux: fs/splice.c: vmsplice, vmsplice_to_pipe, iter_to_pipe, vmsplice_to_user, pipe_to_user, v6.18. The
/// pipe refers to the caller's pages, given away or not: what is stored there later is what a reader gets.
/// </remarks>
internal sealed class VmspliceCall
{
    private readonly FileServices services;
    private readonly BufferCopy copy;
    private readonly int pageBytes;

    /// <summary>With the machine's services.</summary>
    internal VmspliceCall(FileServices services)
    {
        this.services = services;
        copy = new BufferCopy(services.Copy);
        pageBytes = (int)services.Memory.Geometry.PageBytes;
    }

    /// <summary>
    /// vmsplice(fd, iov, count, flags): EINVAL (flags, ranges), EBADF (no pipe too), EFAULT, EPIPE, EAGAIN, EINTR.
    /// </summary>
    internal IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        uint flags = (uint)call.Request.A3;
        if ((flags & ~SpliceCalls.KnownFlags) != 0)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        if (SpliceCalls.Opened(call, call.Request.A0) is not { } file || !(file.CanWrite || file.CanRead))
        {
            call.Fail(Errno.EBADF);
            yield break;
        }

        var import = new IoVectors(services);
        for (var steps = import.Import(call, call.Request.A1, call.Request.A2); steps.MoveNext();)
            yield return steps.Current;
        if (import.Vectors is not { } vectors)
            yield break;
        bool unknown = call.Operands is { BuffersUnknown: true };
        if (!unknown && vectors.Any(range => !services.Users.IsUserRange(range.Base, range.Length)))
        {
            call.Fail(Errno.EFAULT);
            yield break;
        }

        var buffer = new UserBuffer(vectors, unknown);
        buffer.Limit(IoVectors.BytesMax);
        call.Return(0);
        if (buffer.Left == 0)
            yield break;
        if (file.Inode.Pipe is not { } pipe)
        {
            call.Fail(Errno.EBADF);
            yield break;
        }

        bool isNonBlocking = (flags & SpliceCalls.NonBlock) != 0;
        file.Get(); // another thread may close the descriptor while this one waits
        try
        {
            IEnumerator<PageLookup> work = file.CanWrite ? ToPipe(call, buffer, pipe, isNonBlocking)
                : ToUser(call, pipe, buffer, isNonBlocking);
            while (work.MoveNext())
                yield return work.Current;
        }
        finally
        {
            file.Put();
        }
    }

    private IEnumerator<PageLookup> ToPipe(CallProgress call, UserBuffer from, Pipe pipe, bool isNonBlocking)
    {
        var wait = new PipeWait(call);
        for (var steps = wait.ForSpace(pipe, isNonBlocking); steps.MoveNext();)
            yield return steps.Current;
        if (wait.Error != Errno.None)
        {
            call.Fail(wait.Error);
            yield break;
        }

        long moved = 0;
        while (from.Left > 0 && !pipe.IsFull)
        {
            // A page of the caller's is a page of the pipe's, with the same place in it.
            IoVec range = from.Next;
            if (!services.Users.MayPinFast(call, range.Base))
                break;
            int offset = (int)(range.Base & (ulong)(pageBytes - 1));
            int part = (int)Math.Min(Math.Min(range.Length, from.Left), (ulong)(pageBytes - offset));
            if (from.IsUnknown)
            {
                var page = new byte[pageBytes];
                for (var steps = copy.In(call, from, page.AsMemory(offset, part)); steps.MoveNext();)
                    yield return steps.Current;
                if (call.Copied < (ulong)part)
                    break;
                pipe.Add(new PipeBuffer(page, offset, part));
            }
            else
            {
                for (var steps = services.Users.Reach(call, call.Mm, range.Base, AccessKind.Read); steps.MoveNext();)
                    yield return steps.Current;
                if (call.Reached.IsNone)
                    break;
                var lent = new PipeBuffer(services.Memory.Lent, call.Reached, offset, part);
                pipe.Add(lent);
                UserCopy.Note(call, lent.Peek(part).Span);
                from.Advance((ulong)part);
            }

            moved += part;
        }

        if (moved == 0)
        {
            call.Fail(Errno.EFAULT);
            yield break;
        }

        call.Return(moved);
        pipe.Changed();
    }

    private IEnumerator<PageLookup> ToUser(CallProgress call, Pipe pipe, UserBuffer to, bool isNonBlocking)
    {
        var wait = new PipeWait(call);
        for (var steps = wait.ForBytes(pipe, isNonBlocking); steps.MoveNext();)
            yield return steps.Current;
        call.Fail(wait.Error);
        long moved = 0;
        while (to.Left > 0 && pipe.Buffers.Count > 0)
        {
            PipeBuffer first = pipe.Buffers[0];
            int part = (int)Math.Min(to.Left, (ulong)first.Length);
            for (var steps = copy.Out(call, to, first.Peek(part)); steps.MoveNext();)
                yield return steps.Current;
            // What was copied in part stays in the pipe.
            if (call.Copied < (ulong)part)
            {
                call.Fail(Errno.EFAULT);
                break;
            }

            pipe.Consume(part);
            moved += part;
        }

        if (moved == 0)
            yield break;
        call.Return(moved);
        pipe.Changed();
    }
}
