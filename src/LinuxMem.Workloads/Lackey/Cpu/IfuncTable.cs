using System.Buffers.Binary;
using LinuxMem.Abi;

namespace LinuxMem.Workloads.Lackey.Cpu;

/// <summary>The resolvers of an ELF file's indirect functions, and its text.</summary>
/// <remarks>ELF-64; System V ABI for x86-64: STT_GNU_IFUNC, R_X86_64_IRELATIVE.</remarks>
internal sealed class IfuncTable
{
    private const int HeaderBytes = 64;
    private const int SegmentBytes = 56;
    private const int SectionBytes = 64;
    private const int EntryBytes = 24; // of .dynsym and of .rela alike
    private const int TableBytesMax = 1 << 22;
    private const uint LoadSegment = 1, ExecuteFlag = 1, RelaSection = 4, DynsymSection = 11, Irelative = 37;
    private const int IfuncType = 10;
    private readonly ExternalFile file;
    private readonly ulong textStart, textEnd, textOffset;

    private IfuncTable(ExternalFile file, ulong textStart, ulong textEnd, ulong textOffset, ulong[] resolvers)
    {
        this.file = file;
        this.textStart = textStart;
        this.textEnd = textEnd;
        this.textOffset = textOffset;
        Resolvers = resolvers;
    }

    /// <summary>Where they are, rising, as the file's own addresses.</summary>
    internal IReadOnlyList<ulong> Resolvers { get; }

    /// <summary>Reads a file; null for what is no 64-bit ELF file with text.</summary>
    internal static IfuncTable? Read(ExternalFile file)
    {
        byte[] header = Take(file, 0, HeaderBytes);
        if (!header.AsSpan().StartsWith("\u007fELF\u0002\u0001"u8))
            return null;
        byte[] segments = Take(file, U64(header, 32), U16(header, 56) * SegmentBytes);
        for (int at = 0; at + SegmentBytes <= segments.Length; at += SegmentBytes)
        {
            if (U32(segments, at) != LoadSegment || (U32(segments, at + 4) & ExecuteFlag) == 0)
                continue;
            ulong start = U64(segments, at + 16), bytes = U64(segments, at + 32);
            return new IfuncTable(file, start, unchecked(start + bytes), U64(segments, at + 8),
                ResolversOf(file, header));
        }

        return null;
    }

    /// <summary>Whether an address is one of the text.</summary>
    internal bool IsCode(ulong address) => address >= textStart && address < textEnd;

    /// <summary>Where in the file an address is. Precondition: it is one of the text, or its end.</summary>
    internal ulong OffsetOf(ulong address) => address - textStart + textOffset;

    /// <summary>Bytes of the text, fewer where it ends.</summary>
    internal byte[] Text(ulong address, int bytes) => IsCode(address) ? Take(file, OffsetOf(address), bytes) : [];

    private static ulong[] ResolversOf(ExternalFile file, byte[] header)
    {
        var found = new SortedSet<ulong>();
        byte[] sections = Take(file, U64(header, 40), U16(header, 60) * SectionBytes);
        for (int at = 0; at + SectionBytes <= sections.Length; at += SectionBytes)
        {
            uint type = U32(sections, at + 4);
            ulong bytes = U64(sections, at + 32);
            if (type is not (RelaSection or DynsymSection) || bytes > TableBytesMax)
                continue;
            byte[] entries = Take(file, U64(sections, at + 24), (int)bytes);
            for (int i = 0; i + EntryBytes <= entries.Length; i += EntryBytes)
            {
                if (type == DynsymSection && (entries[i + 4] & 15) == IfuncType)
                    found.Add(U64(entries, i + 8));
                else if (type == RelaSection && U32(entries, i + 8) == Irelative)
                    found.Add(U64(entries, i + 16));
            }
        }

        return [.. found];
    }

    private static byte[] Take(ExternalFile file, ulong offset, int bytes)
    {
        if (file.Bytes is null || offset >= file.SizeBytes)
            return [];
        var into = new byte[(int)Math.Min((ulong)bytes, file.SizeBytes - offset)];
        int read = 0;
        while (read < into.Length && file.Bytes(offset + (ulong)read, into.AsMemory(read)) is var more and > 0)
            read += more;
        return into[..read];
    }

    private static int U16(byte[] bytes, int at) =>
        at + 2 <= bytes.Length ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at)) : 0;

    private static uint U32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static ulong U64(byte[] bytes, int at) =>
        at + 8 <= bytes.Length ? BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at)) : 0;
}
