namespace LinuxMem.Workloads.Inputs;

/// <summary>
/// A file or standard input, read once from its start: gives back the bytes that were looked at to tell its kind, and
/// counts what was read.
/// </summary>
internal sealed class SourceStream(Stream inner, byte[] start, int startBytes) : Stream
{
    // Decoders ask for single bytes, and the host is not to be called for each.
    private const int AheadBytes = 1 << 15;

    private byte[] ahead = [];
    private int aheadAt;
    private int aheadEnd;
    private int given;
    private int unread = -1;

    /// <summary>Bytes handed out so far.</summary>
    public long BytesRead { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => BytesRead;
        set => throw new NotSupportedException();
    }

    /// <summary>Puts the last byte back. Precondition: one at a time.</summary>
    public void Unread(byte value)
    {
        unread = value;
        BytesRead--;
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        int count;
        if (unread >= 0)
        {
            buffer[0] = (byte)unread;
            unread = -1;
            count = 1;
        }
        else if (given < startBytes)
        {
            count = Math.Min(buffer.Length, startBytes - given);
            start.AsSpan(given, count).CopyTo(buffer);
            given += count;
        }
        else
        {
            count = ReadAhead(buffer);
        }

        BytesRead += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int ReadByte()
    {
        if (aheadAt < aheadEnd && unread < 0)
        {
            BytesRead++;
            return ahead[aheadAt++];
        }

        Span<byte> one = stackalloc byte[1];
        return Read(one) == 0 ? -1 : one[0];
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int ReadAhead(Span<byte> buffer)
    {
        if (aheadAt == aheadEnd)
        {
            if (buffer.Length >= AheadBytes)
                return inner.Read(buffer);
            if (ahead.Length == 0)
                ahead = new byte[AheadBytes];
            aheadAt = 0;
            aheadEnd = inner.Read(ahead);
        }

        int count = Math.Min(buffer.Length, aheadEnd - aheadAt);
        ahead.AsSpan(aheadAt, count).CopyTo(buffer);
        aheadAt += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
