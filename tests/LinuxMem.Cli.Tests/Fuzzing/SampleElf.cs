using System.Buffers.Binary;

namespace LinuxMem.Cli.Tests.Fuzzing;

/// <summary>Small sound ELF files of x86-64.</summary>
internal static class SampleElf
{
    private const int HeaderBytes = 64;
    private const int EntryBytes = 56;
    private const uint Load = 1;
    private const uint Interp = 3;
    private const uint Stack = 0x6474e551;

    /// <summary>A static program: text, data, a stack.</summary>
    public static byte[] Program() => Make(
        type: 2, (Load, 5, 0, 0x400000, 512, 512), (Load, 6, 512, 0x401200, 256, 4096),
        (Stack, 6, 0, 0, 0, 0));

    /// <summary>One that is loaded anywhere, by an interpreter.</summary>
    public static byte[] Interpreted()
    {
        byte[] file = Make(type: 3, (Interp, 4, 480, 480, 12, 12), (Load, 5, 0, 0, 512, 512),
            (Load, 6, 512, 0x1200, 256, 4096));
        "/lib/ld.so\0"u8.CopyTo(file.AsSpan(480));
        return file;
    }

    private static byte[] Make(
        ushort type, params (uint Type, uint Flags, ulong Offset, ulong Va, ulong FileBytes, ulong MemBytes)[] parts)
    {
        byte[] file = new byte[1024];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(16), type);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), 62);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(24), parts[^1].Va + 16);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(32), HeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(52), HeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(54), EntryBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), (ushort)parts.Length);
        for (int i = 0; i < parts.Length; i++)
        {
            Span<byte> entry = file.AsSpan(HeaderBytes + (i * EntryBytes), EntryBytes);
            BinaryPrimitives.WriteUInt32LittleEndian(entry, parts[i].Type);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], parts[i].Flags);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], parts[i].Offset);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[16..], parts[i].Va);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[24..], parts[i].Va);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], parts[i].FileBytes);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], parts[i].MemBytes);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[48..], 4096);
        }

        return file;
    }
}
