using System.Buffers.Binary;
using System.Text;
using LinuxMem.Abi;

namespace LinuxMem.Mm.Exec;

/// <summary>Reads the headers of ELF files: 64-bit little-endian x86-64, as strictly as the kernel does.</summary>
/// <remarks>
/// Linux: fs/binfmt_elf.c: load_elf_binary, load_elf_phdrs, v6.18, without CONFIG_IA32_EMULATION. Like there, e_ident
/// counts only by its magic, and section headers do not matter.
/// </remarks>
public static class ElfReader
{
    private const int HeaderBytes = 64;
    private const int ProgramHeaderBytes = 56;
    private const int AllProgramHeadersBytesMax = 65536;
    private const ushort Executable = 2;
    private const ushort Dynamic = 3;
    private const ushort X8664 = 62;
    private const uint Load = 1;
    private const uint Interp = 3;
    private const uint GnuStack = 0x6474e551;
    private const uint ExecuteFlag = 1;
    private const uint WriteFlag = 2;
    private const uint ReadFlag = 4;
    private const ulong PathMax = 4096;

    /// <summary>
    /// Reads a program: ENOEXEC for what is none, EIO or EINVAL for headers that name what the file cannot hold.
    /// </summary>
    public static Errno ReadProgram(ExecFile file, out ElfImage? image) => Read(file, true, out image);

    /// <summary>Reads an interpreter: ELIBBAD for what is no ELF file, EIO for one too short for a header.</summary>
    public static Errno ReadInterpreter(ExecFile file, out ElfImage? image)
    {
        Errno error = Read(file, false, out image);
        if (error == Errno.None)
            return error;
        image = null;
        return file.SizeBytes < HeaderBytes ? Errno.EIO : Errno.ELIBBAD;
    }

    private static Errno Read(ExecFile file, bool isProgram, out ElfImage? image)
    {
        image = null;
        // A file that ends within the header is as one that goes on with zeros (bprm->buf).
        byte[] header = new byte[HeaderBytes];
        file.ReadSome(0, header);
        ushort type = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(16));
        ushort machine = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(18));
        bool rightType = !isProgram || type is Executable or Dynamic;
        if (!header.AsSpan().StartsWith("\u007fELF"u8) || !rightType || machine != X8664)
            return Errno.ENOEXEC;
        int entryBytes = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(54));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(56));
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(32));
        int bytes = count * ProgramHeaderBytes;
        if (entryBytes != ProgramHeaderBytes || bytes is 0 or > AllProgramHeadersBytesMax)
            return Errno.ENOEXEC;
        byte[] table = new byte[bytes];
        if (!file.Read(offset, table))
            return Errno.ENOEXEC;
        Errno error = ReadTable(file, table, isProgram, out List<ElfSegment> segments, out string? interpreter,
            out bool executableStack);
        if (error != Errno.None)
            return error;
        image = new ElfImage
        {
            IsDynamic = type == Dynamic,
            Entry = BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(24)),
            HeadersOffset = offset,
            HeaderCount = count,
            Segments = segments,
            Interpreter = interpreter,
            HasExecutableStack = executableStack,
        };
        return Errno.None;
    }

    private static Errno ReadTable(ExecFile file, ReadOnlySpan<byte> table, bool isProgram,
        out List<ElfSegment> segments, out string? interpreter, out bool executableStack)
    {
        segments = [];
        interpreter = null;
        executableStack = false;
        for (; !table.IsEmpty; table = table[ProgramHeaderBytes..])
        {
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(table);
            uint flags = BinaryPrimitives.ReadUInt32LittleEndian(table[4..]);
            var segment = new ElfSegment(
                BinaryPrimitives.ReadUInt64LittleEndian(table[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(table[16..]),
                BinaryPrimitives.ReadUInt64LittleEndian(table[32..]),
                BinaryPrimitives.ReadUInt64LittleEndian(table[40..]),
                BinaryPrimitives.ReadUInt64LittleEndian(table[48..]),
                ProtOf(flags));
            if (type == Load)
                segments.Add(segment);
            else if (type == GnuStack)
                executableStack = (flags & ExecuteFlag) != 0;
            else if (type == Interp && isProgram && interpreter is null)
            {
                Errno error = ReadPath(file, segment, out interpreter);
                if (error != Errno.None)
                    return error;
            }
        }

        return Errno.None;
    }

    private static Errno ReadPath(ExecFile file, in ElfSegment segment, out string? path)
    {
        path = null;
        if (segment.FileBytes is > PathMax or < 2)
            return Errno.ENOEXEC;
        byte[] text = new byte[segment.FileBytes];
        if (segment.Offset > long.MaxValue)
            return Errno.EINVAL;
        if (!file.Read(segment.Offset, text))
            return Errno.EIO;
        if (text[^1] != 0)
            return Errno.ENOEXEC;
        path = Encoding.UTF8.GetString(text.AsSpan(0, Array.IndexOf(text, (byte)0)));
        return Errno.None;
    }

    private static ProtFlags ProtOf(uint flags)
    {
        var prot = ProtFlags.None;
        if ((flags & ReadFlag) != 0)
            prot |= ProtFlags.Read;
        if ((flags & WriteFlag) != 0)
            prot |= ProtFlags.Write;
        if ((flags & ExecuteFlag) != 0)
            prot |= ProtFlags.Exec;
        return prot;
    }
}
