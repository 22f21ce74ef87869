using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files.Pipes;

/// <summary>Fills a pipe with pages of a file: splice from a file, sendfile to a pipe.</summary>
/// <remarks>
/// Linux: fs/splice.c: splice_file_to_pipe, do_splice_read; mm/filemap.c: splice_folio_into_pipe, v6.18. The pipe
/// refers to the page cache's pages: what is written to the file later is what a reader gets.
/// </remarks>
internal sealed class PipeFill
{
    private readonly FileServices services;
    private readonly SpliceSource source;
    private readonly FileReader reader;
    private readonly int pageBytes;

    /// <summary>With the machine's services.</summary>
    internal PipeFill(FileServices services)
    {
        this.services = services;
        source = new SpliceSource(services);
        reader = new FileReader(services);
        pageBytes = (int)services.Memory.Geometry.PageBytes;
    }

    /// <summary>
    /// Moves as much as the pipe has pages for, after a wait for the first of them. The call's result says how much:
    /// EPIPE, EAGAIN, EINTR, EINVAL for a file that cannot be read this way, or what came of reading it.
    /// </summary>
    internal IEnumerator<PageLookup> Run(CallProgress call, OpenFile from, ulong position, Pipe pipe, ulong count,
        bool isNonBlocking)
    {
        var wait = new PipeWait(call);
        for (var steps = wait.ForSpace(pipe, isNonBlocking); steps.MoveNext();)
            yield return steps.Current;
        if (wait.Error != Errno.None || count == 0)
        {
            call.Fail(wait.Error);
            yield break;
        }

        if (!SpliceSource.Reads(from))
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        // The pages of a file keep their places: what lies before the position in the first one is no use to the pipe.
        int offset = from.Inode.HasPages ? (int)(position & (ulong)(pageBytes - 1)) : 0;
        ulong space = (ulong)(pipe.Capacity - pipe.Buffers.Count) * (ulong)pageBytes;
        ulong most = Math.Min(count, space - (ulong)offset);
        if (from.Inode.HasPages && (from.Flags & OpenFlags.Direct) == 0)
        {
            var taken = UserBuffer.OfPages(most, new PipePages(pipe, services.Memory.Lent, pageBytes));
            for (var steps = reader.Read(call, from, position, taken); steps.MoveNext();)
                yield return steps.Current;
            if (taken.Passed == 0)
            {
                call.Fail(call.ReadError);
                yield break;
            }

            call.Return((long)taken.Passed);
            pipe.Changed();
            yield break;
        }

        byte[] bytes = new byte[(int)most];
        for (var steps = source.Read(call, from, position, bytes); steps.MoveNext();)
            yield return steps.Current;
        if (source.Count == 0)
        {
            call.Fail(call.ReadError);
            yield break;
        }

        call.Return(source.Count);
        Add(pipe, bytes.AsSpan(0, source.Count), offset);
        pipe.Changed();
    }

    private void Add(Pipe pipe, ReadOnlySpan<byte> bytes, int offset)
    {
        while (bytes.Length > 0)
        {
            int part = Math.Min(bytes.Length, pageBytes - offset);
            var page = new byte[pageBytes];
            bytes[..part].CopyTo(page.AsSpan(offset));
            pipe.Add(new PipeBuffer(page, offset, part));
            bytes = bytes[part..];
            offset = 0;
        }
    }
}
