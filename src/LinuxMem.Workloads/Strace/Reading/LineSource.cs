namespace LinuxMem.Workloads.Strace.Reading;

/// <summary>The lines of a stream, kept in memory: events refer to their texts.</summary>
internal sealed class LineSource(Stream stream)
{
    /// <summary>The longest line that is kept whole, in bytes.</summary>
    internal const int LineBytesMax = 16 << 20;

    // Small at first, and below the size that the runtime collects only with everything else: most logs are short.
    private const int FirstBlockBytes = 1 << 16;
    private const int BlockBytes = 1 << 20;
    private byte[] block = new byte[FirstBlockBytes];
    private int start;
    private int end;
    private bool ended;

    /// <summary>Finds the next line, without its line feed.</summary>
    /// <param name="line">The line; of one that is too long, its first part.</param>
    /// <param name="isTerminated">Whether it has a line feed: only the last one may have none.</param>
    /// <returns>Whether there is one.</returns>
    internal bool Next(out ReadOnlyMemory<byte> line, out bool isTerminated)
    {
        int searched = 0;
        while (true)
        {
            int feed = block.AsSpan(start + searched, end - start - searched).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                line = Take(searched + feed, 1);
                isTerminated = true;
                return true;
            }

            searched = end - start;
            if (searched > LineBytesMax)
            {
                line = Take(searched, 0);
                isTerminated = SkipToFeed();
                return true;
            }

            if (!Fill())
                break;
        }

        line = Take(end - start, 0);
        isTerminated = false;
        return line.Length > 0;
    }

    private ReadOnlyMemory<byte> Take(int bytes, int feed)
    {
        ReadOnlyMemory<byte> taken = block.AsMemory(start, bytes);
        start += bytes + feed;
        return taken;
    }

    private bool SkipToFeed()
    {
        while (true)
        {
            int feed = block.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                start += feed + 1;
                return true;
            }

            start = end;
            if (!Fill())
                return false;
        }
    }

    // What was handed out stays where it is: the beginning of a line moves to a block of its own.
    private bool Fill()
    {
        if (ended)
            return false;
        if (end == block.Length)
        {
            int kept = end - start;
            var next = new byte[Math.Max(Math.Min(BlockBytes, block.Length * 2), kept * 2)];
            block.AsSpan(start, kept).CopyTo(next);
            block = next;
            start = 0;
            end = kept;
        }

        int count = stream.Read(block, end, block.Length - end);
        ended = count == 0;
        end += count;
        return count > 0;
    }
}
