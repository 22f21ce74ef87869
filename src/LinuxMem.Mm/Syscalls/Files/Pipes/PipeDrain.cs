using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files.Pipes;

/// <summary>Writes what a pipe holds to a file: splice from a pipe.</summary>
/// <remarks>
/// Linux: fs/splice.c: do_splice_from, iter_file_splice_write, splice_from_pipe_next; drivers/char/mem.c:
/// splice_write_null, v6.18.
/// </remarks>
internal sealed class PipeDrain(FileServices services)
{
    private readonly FileWriter writer = new(services);

    /// <summary>
    /// Moves up to so many bytes, waiting for the first of them alone. The call's Written says how much; where that is
    /// nothing, its result is why: 0 at the pipe's end, EAGAIN, EINTR, EINVAL for a file that is not written this way,
    /// or what the write came to.
    /// </summary>
    internal IEnumerator<PageLookup> Run(CallProgress call, Pipe pipe, OpenFile to, ulong position, ulong count,
        bool isNonBlocking)
    {
        bool takesAll = to.Inode.Kind is InodeKind.DevZero or InodeKind.Stream;
        if (!takesAll && (!to.Inode.HasPages || to.Inode.Huge is not null || to.Inode.IsSecret))
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        call.Return(0);
        var wait = new PipeWait(call);
        while (count > call.Written)
        {
            for (var steps = wait.ForBytes(pipe, isNonBlocking || call.Written > 0); steps.MoveNext();)
                yield return steps.Current;
            if (wait.Error != Errno.None || pipe.Buffers.Count == 0)
            {
                call.Fail(wait.Error);
                yield break;
            }

            ulong before = call.Written;
            byte[] bytes = Peek(pipe, count - before);
            if (takesAll)
            {
                call.Written += (ulong)bytes.Length;
            }
            else
            {
                var buffer = UserBuffer.OfKernel(bytes);
                Errno error = WriteLimits.Check(call, to, position + before, buffer);
                if (error != Errno.None)
                {
                    call.Fail(error);
                    yield break;
                }

                for (var steps = writer.Write(call, to, position + before, buffer); steps.MoveNext();)
                    yield return steps.Current;
            }

            Consume(pipe, call.Written - before);
            if (call.Written == before)
                yield break;
        }
    }

    private static byte[] Peek(Pipe pipe, ulong most)
    {
        byte[] bytes = new byte[Math.Min(most, (ulong)pipe.Bytes)];
        int at = 0;
        foreach (PipeBuffer buffer in pipe.Buffers)
        {
            int part = Math.Min(buffer.Length, bytes.Length - at);
            buffer.Peek(part).Span.CopyTo(bytes.AsSpan(at));
            at += part;
        }

        return bytes;
    }

    private static void Consume(Pipe pipe, ulong count)
    {
        while (count > 0)
        {
            int part = (int)Math.Min(count, (ulong)pipe.Buffers[0].Length);
            pipe.Consume(part);
            count -= (ulong)part;
        }

        pipe.Changed();
    }
}
