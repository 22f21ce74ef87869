using System.Buffers.Text;
using System.Text;

namespace LinuxMem.Reporting.Events;

/// <summary>Puts UTF-8 text together and writes it to a stream in large pieces, without garbage.</summary>
/// <param name="stream">Where to.</param>
public sealed class LineBuffer(Stream stream)
{
    private const int Room = 1 << 16;
    private const int LongestNumber = 32;
    private readonly byte[] bytes = new byte[Room];
    private int count;

    /// <summary>Appends bytes that are UTF-8.</summary>
    public LineBuffer Add(ReadOnlySpan<byte> text)
    {
        if (text.Length > Room - count)
            Flush();
        if (text.Length > Room)
        {
            stream.Write(text);
            return this;
        }

        text.CopyTo(bytes.AsSpan(count));
        count += text.Length;
        return this;
    }

    /// <summary>Appends text.</summary>
    public LineBuffer Add(string text)
    {
        if (Encoding.UTF8.GetMaxByteCount(text.Length) > Room)
            return Add(Encoding.UTF8.GetBytes(text));
        if (Encoding.UTF8.GetMaxByteCount(text.Length) > Room - count)
            Flush();
        count += Encoding.UTF8.GetBytes(text, bytes.AsSpan(count));
        return this;
    }

    /// <summary>Appends a decimal number.</summary>
    public LineBuffer Add(long number)
    {
        Reserve();
        Utf8Formatter.TryFormat(number, bytes.AsSpan(count), out int written);
        count += written;
        return this;
    }

    /// <summary>Appends a number with leading zeros, so many digits in all.</summary>
    public LineBuffer AddPadded(long number, byte digits)
    {
        Reserve();
        Utf8Formatter.TryFormat(number, bytes.AsSpan(count), out int written, new('D', digits));
        count += written;
        return this;
    }

    /// <summary>Appends 0x and hexadecimal digits.</summary>
    public LineBuffer AddHex(long number)
    {
        Add("0x"u8);
        Reserve();
        Utf8Formatter.TryFormat((ulong)number, bytes.AsSpan(count), out int written, 'x');
        count += written;
        return this;
    }

    /// <summary>Appends a time in microseconds with its nanoseconds as fraction.</summary>
    public LineBuffer AddMicroseconds(long ns) => Add(ns / 1000).Add("."u8).AddPadded(ns % 1000, 3);

    /// <summary>Writes what there is to the stream.</summary>
    public void Flush()
    {
        stream.Write(bytes, 0, count);
        count = 0;
    }

    private void Reserve()
    {
        if (Room - count < LongestNumber)
            Flush();
    }
}
