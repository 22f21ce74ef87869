using System.Text;

namespace LinuxMem.Mm.Proc.Files;

/// <summary>What came of a request for the next record of a text.</summary>
public enum SeqShow
{
    /// <summary>The record was appended.</summary>
    Record,

    /// <summary>There is none.</summary>
    End,

    /// <summary>What the text is about is no more: ESRCH.</summary>
    Gone,
}

/// <summary>A text as a sequence of records, each made when it is read.</summary>
/// <remarks>Linux: include/linux/seq_file.h: struct seq_operations, v6.18.</remarks>
public abstract class SeqRecords
{
    /// <summary>
    /// Appends the record at a position and moves the position to the one behind it. Positions begin at 0, grow, and
    /// mean what the text likes; no record is at <see cref="EndPosition"/>.
    /// </summary>
    public abstract SeqShow Show(StringBuilder text, ref ulong position);

    /// <summary>The position behind the last record.</summary>
    public const ulong EndPosition = ulong.MaxValue;
}

/// <summary>A text that is one record, made in one go.</summary>
/// <remarks>Linux: fs/seq_file.c: single_open, v6.18.</remarks>
public sealed class SingleRecord : SeqRecords
{
    private readonly Func<StringBuilder, bool> append;

    /// <summary>
    /// Of a function that appends the text, and says false if what it is about is no more.
    /// </summary>
    public SingleRecord(Func<StringBuilder, bool> append) => this.append = append;

    /// <inheritdoc/>
    public override SeqShow Show(StringBuilder text, ref ulong position)
    {
        if (position != 0)
            return SeqShow.End;
        position = EndPosition;
        return append(text) ? SeqShow.Record : SeqShow.Gone;
    }
}

/// <summary>A text with a record for every item of a list whose length does not change.</summary>
public sealed class ListRecords : SeqRecords
{
    private readonly int count;
    private readonly Action<StringBuilder, int> append;

    /// <summary>Of a number of items and a function that appends the record of one.</summary>
    public ListRecords(int count, Action<StringBuilder, int> append)
    {
        this.count = count;
        this.append = append;
    }

    /// <inheritdoc/>
    public override SeqShow Show(StringBuilder text, ref ulong position)
    {
        if (position >= (ulong)count)
            return SeqShow.End;
        append(text, (int)position);
        position++;
        return SeqShow.Record;
    }
}
