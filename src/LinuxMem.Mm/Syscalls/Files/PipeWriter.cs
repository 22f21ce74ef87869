using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>Writes pipes, and waits at full ones.</summary>
/// <remarks>
/// Linux: fs/pipe.c: anon_pipe_write, v6.18. The page being filled is the pipe's when it is full or the bytes are over:
/// bytes of a page that could not be copied as a whole are not written.
/// </remarks>
public sealed class PipeWriter
{
    private readonly BufferCopy copy;
    private readonly int pageBytes;

    /// <summary>With the machine's services.</summary>
    public PipeWriter(FileServices services)
    {
        copy = new BufferCopy(services.Copy);
        pageBytes = (int)services.Memory.Geometry.PageBytes;
    }

    /// <summary>
    /// Writes all of it, waiting where the pipe is full; EPIPE where nobody reads any more; EAGAIN instead of waiting.
    /// </summary>
    public IEnumerator<PageLookup> Write(CallProgress call, OpenFile file, UserBuffer from)
    {
        Pipe pipe = file.Inode.Pipe!;
        if (from.Left == 0)
        {
            call.Return(0);
            yield break;
        }

        file.Get(); // another thread may close the descriptor while this one waits
        try
        {
            for (var steps = Fill(call, pipe, file, from); steps.MoveNext();)
                yield return steps.Current;
            pipe.Changed();
        }
        finally
        {
            file.Put();
        }
    }

    private IEnumerator<PageLookup> Fill(CallProgress call, Pipe pipe, OpenFile file, UserBuffer from)
    {
        long written = 0;
        Errno error = pipe.Readers == 0 ? Errno.EPIPE : Errno.None;
        int odd = (int)(from.Left & (ulong)(pageBytes - 1));
        if (error == Errno.None && odd > 0 && pipe.Buffers.Count > 0)
        {
            PipeBuffer last = pipe.Buffers[^1];
            int offset = last.Start + last.Length;
            if (last.CanMerge && offset + odd <= pageBytes)
            {
                for (var steps = copy.In(call, from, last.Behind(odd)); steps.MoveNext();)
                    yield return steps.Current;
                if (call.Copied < (ulong)odd)
                {
                    call.Fail(Errno.EFAULT);
                    yield break;
                }

                last.Extend(odd);
                written = odd;
            }
        }

        while (error == Errno.None && from.Left > 0)
        {
            if (pipe.Readers == 0)
            {
                error = Errno.EPIPE;
            }
            else if (!pipe.IsFull)
            {
                var page = new byte[pageBytes];
                int part = (int)Math.Min(from.Left, (ulong)pageBytes);
                for (var steps = copy.In(call, from, page.AsMemory(0, part)); steps.MoveNext();)
                    yield return steps.Current;
                if (call.Copied < (ulong)part)
                {
                    error = Errno.EFAULT;
                    break;
                }

                bool isPacket = (file.Flags & OpenFlags.Direct) != 0;
                pipe.Add(new PipeBuffer(page, 0, part) { CanMerge = !isPacket, IsPacket = isPacket });
                written += part;
            }
            else if ((file.Flags & OpenFlags.NonBlock) != 0 || call.IsInterrupted)
            {
                error = call.IsInterrupted ? Errno.EINTR : Errno.EAGAIN;
            }
            else
            {
                pipe.Changed();
                pipe.Wait(call.Task);
                yield return PageLookup.Wait;
            }
        }

        call.Raises = error == Errno.EPIPE ? Signal.SigPipe : Signal.None;
        call.Result = written > 0 ? new SyscallResult(written) : SyscallResult.Fail(error);
    }
}
