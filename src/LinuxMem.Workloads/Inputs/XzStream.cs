using SharpCompress.Compressors.Xz;

namespace LinuxMem.Workloads.Inputs;

/// <summary>
/// An .xz file of one or more streams. The library's decoder ends after the first one, which would silently lose the
/// rest of files made with cat.
/// </summary>
internal sealed class XzStream(SourceStream source) : Stream
{
    private XZStream? current = new(source);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        while (current is not null)
        {
            int read = current.Read(buffer, offset, count);
            if (read > 0 || count == 0)
                return read;
            current = SkipPadding() ? new XZStream(source) : null;
        }

        return 0;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Skips the zero bytes that may follow a stream. Returns whether another stream begins.</summary>
    private bool SkipPadding()
    {
        for (; ; )
        {
            int next = source.ReadByte();
            if (next < 0)
                return false;
            if (next == 0)
                continue;
            // Not zero: the first byte of a stream, or rubbish, at which the decoder will fail as it should.
            source.Unread((byte)next);
            return true;
        }
    }
}
