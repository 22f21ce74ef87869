using System.Text;
using LinuxMem.Abi;

namespace LinuxMem.Mm.Proc.Files;

/// <summary>
/// An open text: makes records as they are read, as many whole ones at a time as its buffer holds.
/// </summary>
/// <remarks>
/// Linux: fs/seq_file.c: seq_read_iter, traverse, v6.18. The buffer is a page and doubles until the first record of a
/// reading fits, with a byte to spare; a further record that does not fit waits for the next reading. What is left of a
/// record that the caller's buffer was too small for is kept.
/// </remarks>
public sealed class SeqFile : ProcFile
{
    private const int FirstSize = 4096;
    private readonly SeqRecords records;
    private readonly StringBuilder text = new();
    private string made = "";
    private byte[] buffer = [];
    private int size = FirstSize;
    private int from;
    private int count;
    private ulong index;
    private long readPosition;

    /// <summary>Opens a text.</summary>
    public SeqFile(SeqRecords records) => this.records = records;

    /// <inheritdoc/>
    public override int Read(long position, Span<byte> to, out Errno error)
    {
        error = Errno.None;
        if (to.IsEmpty)
            return 0;
        if (position == 0)
        {
            index = 0;
            count = 0;
            readPosition = 0;
        }

        if (position != readPosition)
            error = Traverse(position);
        if (error != Errno.None)
            return 0;
        int copied = Flush(to);
        if (count == 0)
        {
            error = Fill(to.Length - copied);
            copied += Flush(to[copied..]);
        }

        readPosition += copied;
        if (copied > 0)
            error = Errno.None;
        return copied;
    }

    private int Flush(Span<byte> to)
    {
        int n = Math.Min(count, to.Length);
        buffer.AsSpan(from, n).CopyTo(to);
        from += n;
        count -= n;
        return n;
    }

    // One record at least, whatever its size and even if the caller has enough; then as long as the caller wants more
    // and the buffer has room.
    private Errno Fill(int wanted)
    {
        from = 0;
        for (bool first = true; first || count < wanted; first = count == 0)
        {
            ulong next = index;
            SeqShow shown = Make(ref next, out int length);
            if (shown == SeqShow.Gone)
                return count == 0 ? Errno.ESRCH : Errno.None;
            if (shown == SeqShow.End)
                break;
            if (count + length >= size && count > 0)
                break;
            Append(length);
            index = next;
        }

        return Errno.None;
    }

    // Makes the records again up to a position, where a reading does not go on from the one before.
    private Errno Traverse(long position)
    {
        index = 0;
        from = 0;
        count = 0;
        long at = 0;
        while (at < position)
        {
            SeqShow shown = Make(ref index, out int length);
            if (shown == SeqShow.Gone)
                return Errno.ESRCH;
            if (shown == SeqShow.End)
                break;
            Append(length);
            at += length;
            from = at > position ? (int)(position - (at - length)) : 0;
            count = at > position ? length - from : 0;
        }

        readPosition = position;
        return Errno.None;
    }

    private SeqShow Make(ref ulong position, out int length)
    {
        length = 0;
        if (position == SeqRecords.EndPosition)
            return SeqShow.End;
        text.Clear();
        SeqShow shown = records.Show(text, ref position);
        if (shown != SeqShow.Record)
            return shown;
        made = text.ToString();
        length = Encoding.UTF8.GetByteCount(made);
        return shown;
    }

    // Precondition: the record fits behind what is there, or nothing is there.
    private void Append(int length)
    {
        while (count + length >= size)
            size *= 2;
        if (buffer.Length < size)
            Array.Resize(ref buffer, size);
        count += Encoding.UTF8.GetBytes(made, buffer.AsSpan(count));
    }
}
