using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files.Pipes;

/// <summary>Waits of the calls that move pages through pipes; one object a call.</summary>
/// <remarks>Linux: fs/splice.c: wait_for_space, ipipe_prep, opipe_prep, splice_from_pipe_next, v6.18.</remarks>
internal sealed class PipeWait(CallProgress call)
{
    /// <summary>
    /// What ended the last wait: EAGAIN, EINTR, EPIPE (which raises SIGPIPE too); None if nothing did.
    /// </summary>
    internal Errno Error { get; private set; }

    /// <summary>Waits until a page fits into a pipe that somebody reads.</summary>
    internal IEnumerator<PageLookup> ForSpace(Pipe pipe, bool isNonBlocking)
    {
        while (true)
        {
            Error = pipe.Readers == 0 ? Broken() : Errno.None;
            if (Error != Errno.None || !pipe.IsFull)
                yield break;
            Error = isNonBlocking ? Errno.EAGAIN : call.IsInterrupted ? Errno.EINTR : Errno.None;
            if (Error != Errno.None)
                yield break;
            pipe.Wait(call.Task);
            yield return PageLookup.Wait;
        }
    }

    /// <summary>
    /// Waits until a pipe that is to be filled has room; a pipe with room is not asked whether anybody reads it.
    /// </summary>
    internal IEnumerator<PageLookup> ForRoom(Pipe pipe, bool isNonBlocking)
    {
        Error = Errno.None;
        return pipe.IsFull ? ForSpace(pipe, isNonBlocking) : Enumerable.Empty<PageLookup>().GetEnumerator();
    }

    /// <summary>Waits until a pipe has bytes, or nobody is left who writes.</summary>
    internal IEnumerator<PageLookup> ForBytes(Pipe pipe, bool isNonBlocking)
    {
        Error = Errno.None;
        while (pipe.Buffers.Count == 0 && pipe.Writers > 0)
        {
            Error = isNonBlocking ? Errno.EAGAIN : call.IsInterrupted ? Errno.EINTR : Errno.None;
            if (Error != Errno.None)
                yield break;
            pipe.Wait(call.Task);
            yield return PageLookup.Wait;
        }
    }

    /// <summary>Ends the waits with an error.</summary>
    internal void Fail(Errno error) => Error = error;

    /// <summary>Nobody reads: EPIPE, and the signal.</summary>
    internal Errno Broken()
    {
        call.Raises = Signal.SigPipe;
        return Errno.EPIPE;
    }
}
