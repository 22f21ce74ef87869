using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>Reads pipes, and waits at empty ones.</summary>
/// <remarks>Linux: fs/pipe.c: anon_pipe_read, v6.18.</remarks>
public sealed class PipeReader
{
    private readonly BufferCopy copy;

    /// <summary>With the machine's services.</summary>
    public PipeReader(FileServices services) => copy = new BufferCopy(services.Copy);

    /// <summary>
    /// Reads what is there; 0 where nobody writes any more; EAGAIN instead of waiting, EINTR if a signal ended that.
    /// </summary>
    public IEnumerator<PageLookup> Read(CallProgress call, OpenFile file, UserBuffer to)
    {
        Pipe pipe = file.Inode.Pipe!;
        if (to.Left == 0)
        {
            call.Return(0);
            yield break;
        }

        file.Get(); // another thread may close the descriptor while this one waits
        try
        {
            while (pipe.Buffers.Count == 0)
            {
                bool interrupted = call.IsInterrupted;
                if (pipe.Writers == 0 || (file.Flags & OpenFlags.NonBlock) != 0 || interrupted)
                {
                    call.Result = pipe.Writers == 0 ? default
                        : SyscallResult.Fail(interrupted ? Errno.EINTR : Errno.EAGAIN);
                    yield break;
                }

                pipe.Wait(call.Task);
                yield return PageLookup.Wait;
            }

            bool failed = false;
            while (pipe.Buffers.Count > 0 && to.Left > 0 && !failed)
            {
                PipeBuffer buffer = pipe.Buffers[0];
                int part = (int)Math.Min(to.Left, (ulong)buffer.Length);
                ulong before = to.Passed;
                for (var steps = copy.Out(call, to, buffer.Peek(part)); steps.MoveNext();)
                    yield return steps.Current;
                failed = to.Passed - before < (ulong)part;
                // What was copied in part is not taken: the next read gives it again.
                if (failed)
                {
                    call.Return((long)before);
                }
                else if (buffer.IsPacket)
                {
                    // What the reader has no room for of a packet is lost.
                    pipe.Consume(buffer.Length);
                    break;
                }
                else
                {
                    pipe.Consume(part);
                }
            }

            if (!failed)
                call.Return((long)to.Passed);
            else if (call.Result.Value == 0)
                call.Fail(Errno.EFAULT);
            pipe.Changed();
        }
        finally
        {
            file.Put();
        }
    }
}
