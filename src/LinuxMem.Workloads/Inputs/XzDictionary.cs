using System.Buffers.Binary;

namespace LinuxMem.Workloads.Inputs;

/// <summary>
/// Lets a small .xz file be decoded with a small dictionary. Its header asks for what the level of compression stands
/// for, 64 MiB for -9, whatever is in it, and the decoder takes that memory for each file anew.
/// </summary>
/// <remarks>
/// The .xz File Format 1.2.1, sections 2.1.2 (footer), 3.1 (block header), 4 (index), 5.3.1 (LZMA2). No match reaches
/// back behind the first byte, so that a dictionary of the length of the whole is enough.
/// </remarks>
internal static class XzDictionary
{
    private const int HeaderBytes = 12, FooterBytes = 12, IndexBytesMax = 64;
    private const byte Lzma2 = 0x21, LargestCode = 40;
    private const uint Polynomial = 0xedb88320;

    /// <summary>
    /// The first bytes of a file of one block, asking for no more than it needs; null where that is so anyway, or
    /// cannot be told. The file is then read from behind them.
    /// </summary>
    /// <param name="file">The file; its position is where it was if the answer is null.</param>
    internal static byte[]? Shrink(Stream file)
    {
        if (!file.CanSeek || file.Length < HeaderBytes + FooterBytes)
            return null;
        long at = file.Position;
        byte[]? start = TryShrink(file);
        file.Position = start?.Length ?? at;
        return start;
    }

    private static byte[]? TryShrink(Stream file)
    {
        var footer = new byte[FooterBytes];
        Read(file, file.Length - FooterBytes, footer);
        long indexBytes = (BinaryPrimitives.ReadUInt32LittleEndian(footer.AsSpan(4)) + 1L) * 4;
        long indexAt = file.Length - FooterBytes - indexBytes;
        if (footer[10] != 'Y' || footer[11] != 'Z' || indexBytes > IndexBytesMax || indexAt <= HeaderBytes)
            return null;
        var index = new byte[indexBytes];
        Read(file, indexAt, index);
        if (!TryReadIndex(index, out ulong blockBytes, out ulong length)
            || HeaderBytes + ((blockBytes + 3) & ~3UL) != (ulong)indexAt)
            return null;
        int headerBytes = (SizeCode(file) + 1) * 4;
        if (headerBytes == 4 || HeaderBytes + headerBytes > indexAt)
            return null;
        var start = new byte[HeaderBytes + headerBytes];
        Read(file, 0, start);
        Span<byte> block = start.AsSpan(HeaderBytes);
        int place = FindDictionary(block);
        if (place < 0 || block[place] > LargestCode)
            return null;
        byte code = CodeFor(length);
        if (code >= block[place])
            return null;
        block[place] = code;
        BinaryPrimitives.WriteUInt32LittleEndian(block[^4..], Crc32(block[..^4]));
        return start;
    }

    private static int SizeCode(Stream file)
    {
        file.Position = HeaderBytes;
        return file.ReadByte();
    }

    private static void Read(Stream file, long at, byte[] into)
    {
        file.Position = at;
        file.ReadExactly(into);
    }

    private static bool TryReadIndex(ReadOnlySpan<byte> index, out ulong blockBytes, out ulong length)
    {
        int at = 1;
        blockBytes = length = 0;
        return index[0] == 0 && TryReadNumber(index, ref at, out ulong records) && records == 1
            && TryReadNumber(index, ref at, out blockBytes) && TryReadNumber(index, ref at, out length);
    }

    // Where the code of the dictionary's size is in a block's header with one filter; -1 for another header.
    private static int FindDictionary(ReadOnlySpan<byte> block)
    {
        const byte filters = 3, hasCompressed = 0x40, hasLength = 0x80;
        byte flags = block[1];
        int at = 2;
        bool isRead = ((flags & hasCompressed) == 0 || TryReadNumber(block, ref at, out _))
            && ((flags & hasLength) == 0 || TryReadNumber(block, ref at, out _));
        bool isOne = isRead && (flags & filters) == 0 && at + 3 <= block.Length - 4;
        return isOne && block[at] == Lzma2 && block[at + 1] == 1 ? at + 2 : -1;
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> from, ref int at, out ulong number)
    {
        number = 0;
        for (int shift = 0; shift < 63 && at < from.Length; shift += 7)
        {
            byte next = from[at++];
            number |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return true;
        }

        return false;
    }

    private static byte CodeFor(ulong length)
    {
        byte code = 0;
        while (code < LargestCode && (2UL | (code & 1UL)) << ((code / 2) + 11) < length)
            code++;
        return code;
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte next in bytes)
        {
            crc ^= next;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1;
        }

        return ~crc;
    }
}
