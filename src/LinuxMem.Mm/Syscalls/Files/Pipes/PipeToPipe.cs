using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files.Pipes;

/// <summary>Moves pages from one pipe to another (splice), or lets the other have them too (tee).</summary>
/// <remarks>Linux: fs/splice.c: splice_pipe_to_pipe, link_pipe, do_tee, v6.18.</remarks>
internal static class PipeToPipe
{
    /// <summary>
    /// Moves up to so many bytes, as far as there are pages in the one and places in the other: EPIPE, EAGAIN, EINTR
    /// where there were none. Precondition: two pipes.
    /// </summary>
    internal static IEnumerator<PageLookup> Move(CallProgress call, Pipe from, Pipe to, ulong count, bool isNonBlocking)
    {
        var wait = new PipeWait(call);
        ulong moved = 0;
        while (moved < count)
        {
            // After the first page, nothing waits.
            if (moved == 0)
            {
                for (var steps = BothReady(wait, from, to, isNonBlocking); steps.MoveNext();)
                    yield return steps.Current;
                if (wait.Error != Errno.None)
                {
                    call.Fail(wait.Error);
                    yield break;
                }
            }

            if (to.Readers == 0)
            {
                call.Fail(wait.Broken());
                break;
            }

            if (from.Buffers.Count == 0 || to.IsFull)
            {
                // Somebody may have been quicker while the call waited for the other pipe.
                if (moved > 0 || (from.Buffers.Count == 0 && from.Writers == 0))
                    break;
                continue;
            }

            PipeBuffer first = from.Buffers[0];
            int part = (int)Math.Min(count - moved, (ulong)first.Length);
            if (part == first.Length)
            {
                to.Add(from.TakeFirst());
            }
            else
            {
                to.Add(first.Share(part));
                from.Consume(part);
            }

            moved += (ulong)part;
        }

        if (moved == 0)
            yield break;
        call.Return((long)moved);
        to.Changed();
        from.Changed();
    }

    /// <summary>
    /// Lets the other pipe have up to so many bytes too: EPIPE, EAGAIN, EINTR where there were none, or no room.
    /// Precondition: two pipes.
    /// </summary>
    internal static IEnumerator<PageLookup> Share(CallProgress call, Pipe from, Pipe to, ulong count,
        bool isNonBlocking)
    {
        var wait = new PipeWait(call);
        for (var steps = BothReady(wait, from, to, isNonBlocking); steps.MoveNext();)
            yield return steps.Current;
        if (wait.Error == Errno.None && to.Readers == 0)
            wait.Fail(wait.Broken());
        if (wait.Error != Errno.None)
        {
            call.Fail(wait.Error);
            yield break;
        }

        ulong shared = 0;
        for (int i = 0; i < from.Buffers.Count && !to.IsFull && shared < count; i++)
        {
            int part = (int)Math.Min(count - shared, (ulong)from.Buffers[i].Length);
            to.Add(from.Buffers[i].Share(part));
            shared += (ulong)part;
        }

        call.Return((long)shared);
        if (shared > 0)
            to.Changed();
    }

    private static IEnumerator<PageLookup> BothReady(PipeWait wait, Pipe from, Pipe to, bool isNonBlocking)
    {
        for (var steps = wait.ForBytes(from, isNonBlocking); steps.MoveNext();)
            yield return steps.Current;
        if (wait.Error != Errno.None)
            yield break;
        for (var steps = wait.ForRoom(to, isNonBlocking); steps.MoveNext();)
            yield return steps.Current;
    }
}
