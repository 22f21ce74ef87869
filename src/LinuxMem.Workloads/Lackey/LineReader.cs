using System.Buffers.Text;

namespace LinuxMem.Workloads.Lackey;

/// <summary>A cursor over one line.</summary>
internal ref struct LineReader(ReadOnlySpan<byte> line)
{
    private readonly ReadOnlySpan<byte> line = line;

    /// <summary>Bytes before the cursor.</summary>
    internal int At { get; set; }

    /// <summary>What is after the cursor.</summary>
    internal readonly ReadOnlySpan<byte> Rest => line[At..];

    /// <summary>Moves over a text if it comes next.</summary>
    internal bool Skip(ReadOnlySpan<byte> text)
    {
        if (!Rest.StartsWith(text))
            return false;
        At += text.Length;
        return true;
    }

    /// <summary>Moves over a decimal number.</summary>
    internal bool Number(out int value)
    {
        value = 0;
        // The parser would take a sign.
        bool isDigit = At < line.Length && line[At] is >= (byte)'0' and <= (byte)'9';
        if (!isDigit || !Utf8Parser.TryParse(Rest, out value, out int used))
            return false;
        At += used;
        return true;
    }

    /// <summary>Moves over a hexadecimal number of at most 16 digits, without 0x.</summary>
    internal bool Hex(out ulong value)
    {
        if (!Utf8Parser.TryParse(Rest, out value, out int used, 'x'))
            return false;
        At += used;
        return true;
    }
}
