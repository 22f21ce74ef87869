namespace LinuxMem.Workloads.Lackey;

/// <summary>The part of a log that is in memory: filled from a stream, consumed by lines.</summary>
internal sealed class LogBuffer(Stream stream) : IDisposable
{
    /// <summary>The longest line that is looked at, in bytes.</summary>
    internal const int LineBytesMax = 1 << 20;

    private const int ChunkBytes = 1 << 17;

    private byte[] data = new byte[ChunkBytes];
    private int start;
    private int end;
    private bool ended;

    /// <summary>What is in memory and not yet consumed; from the beginning of a line.</summary>
    internal ReadOnlySpan<byte> Text => data.AsSpan(start, end - start);

    /// <summary>
    /// Gives up the first bytes of <see cref="Text"/>. What was there stays readable until the next fill.
    /// </summary>
    internal void Consume(int bytes) => start += bytes;

    /// <summary>Reads until there are some more bytes than <paramref name="bytes"/>, or the log ends.</summary>
    internal void FillBeyond(int bytes)
    {
        while (end - start <= bytes && Fill())
        {
        }
    }

    /// <summary>
    /// The length of the line that begins <paramref name="at"/> bytes into <see cref="Text"/>, without its line feed;
    /// -1 if it has none or is too long. Consumes nothing.
    /// </summary>
    internal int LineLength(int at)
    {
        for (int searched = at; ;)
        {
            int feed = Text[searched..].IndexOf((byte)'\n');
            if (feed >= 0)
                return searched + feed - at;
            searched = Text.Length;
            if (searched - at > LineBytesMax || !Fill())
                return -1;
        }
    }

    /// <summary>Finds the next line.</summary>
    /// <param name="line">The line without its line feed; the first part of one that is too long.</param>
    /// <param name="terminated">Whether it has a line feed; only the last line of a log may have none.</param>
    /// <returns>Whether there is one.</returns>
    internal bool PeekLine(out ReadOnlySpan<byte> line, out bool terminated)
    {
        int searched = 0;
        for (; ; )
        {
            int feed = Text[searched..].IndexOf((byte)'\n');
            if (feed >= 0)
            {
                line = Text[..(searched + feed)];
                terminated = true;
                return true;
            }

            searched = end - start;
            if (searched > LineBytesMax || !Fill())
                break;
        }

        line = Text;
        terminated = false;
        return searched > 0;
    }

    /// <summary>Consumes up to the next line feed, however far it is, in bounded memory.</summary>
    internal void SkipLine()
    {
        for (; ; )
        {
            int feed = Text.IndexOf((byte)'\n');
            if (feed >= 0)
            {
                Consume(feed + 1);
                return;
            }

            start = end;
            if (!Fill())
                return;
        }
    }

    public void Dispose() => stream.Dispose();

    private bool Fill()
    {
        if (ended)
            return false;
        if (start > 0)
        {
            Buffer.BlockCopy(data, start, data, 0, end - start);
            end -= start;
            start = 0;
        }

        if (end == data.Length)
            Array.Resize(ref data, data.Length * 2);
        int count = stream.Read(data, end, data.Length - end);
        ended = count == 0;
        end += count;
        return count > 0;
    }
}
