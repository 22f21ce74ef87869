using System.Globalization;
using LinuxMem.Simulation;

namespace LinuxMem.Workloads.Inputs;

/// <summary>
/// What a decompressor gives, watched: stops a small file from growing without bound, and turns whatever a decoder
/// throws at damaged data into one <see cref="IOException"/> that names the file.
/// </summary>
internal sealed class GuardedStream(Stream decoder, SourceStream source, string path) : Stream
{
    // Traces reach 80:1 with xz; a bomb reaches 6,000:1. The first part is exempt: a short file of one repeated line is
    // no bomb.
    private const long RatioMax = 1000;
    private const long RatioFreeBytes = 64L << 20;
    private const long BytesMax = 64L << 30;

    private long given;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => given;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int count;
        try
        {
            count = decoder.Read(buffer);
        }
        catch (Exception e) when (e is not (UnauthorizedAccessException or OutOfMemoryException))
        {
            // The three decoders have no common exception; past the opening nothing but the data can be at fault.
            throw new IOException($"{path}: damaged or cut off after {Bytes(given)} of text: {e.Message}", e);
        }

        given += count;
        if (given > BytesMax)
            throw Refused($"expands to more than {Bytes(BytesMax)}");
        if (given > RatioFreeBytes && given / RatioMax > source.BytesRead)
            throw Refused($"expands more than {RatioMax}-fold, as no trace does");
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            decoder.Dispose();
            source.Dispose();
        }

        base.Dispose(disposing);
    }

    private ConfigurationException Refused(string what) =>
        new($"{path}: {what}; decompress it to a file to use it anyway");

    private static string Bytes(long count) => count.ToString("N0", CultureInfo.InvariantCulture) + " bytes";
}
