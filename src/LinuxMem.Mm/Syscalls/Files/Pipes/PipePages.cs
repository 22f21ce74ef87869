using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files.Pipes;

/// <summary>Puts pages of a file into a pipe: it refers to them.</summary>
/// <remarks>
/// Linux: mm/filemap.c: splice_folio_into_pipe; mm/shmem.c: splice_zeropage_into_pipe, v6.18. Linux keeps others out of
/// the pipe for as long as it reads: here they may come in between, and the pipe is full earlier.
/// </remarks>
internal sealed class PipePages(Pipe pipe, LentPages lender, int pageBytes) : IPageTaker
{
    /// <inheritdoc/>
    public bool Take(Pfn page, int offset, int length)
    {
        if (pipe.IsFull)
            return false;
        pipe.Add(new PipeBuffer(lender, page, offset, length));
        return true;
    }

    /// <inheritdoc/>
    public bool Take(ReadOnlySpan<byte> bytes, int offset)
    {
        if (pipe.IsFull)
            return false;
        var page = new byte[pageBytes];
        bytes.CopyTo(page.AsSpan(offset));
        pipe.Add(new PipeBuffer(page, offset, bytes.Length));
        return true;
    }
}
