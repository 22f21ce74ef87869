using LinuxMem.Abi;

namespace LinuxMem.Mm.Exec;

/// <summary>A PT_LOAD segment: a part of the file, and zeros behind it.</summary>
/// <param name="Offset">Where it begins in the file.</param>
/// <param name="Address">Its address in the program, before any bias.</param>
/// <param name="FileBytes">Bytes in the file (p_filesz).</param>
/// <param name="MemoryBytes">Bytes in memory (p_memsz).</param>
/// <param name="Align">Wished alignment (p_align); any number.</param>
/// <param name="Prot">Rights.</param>
public readonly record struct ElfSegment(
    ulong Offset, ulong Address, ulong FileBytes, ulong MemoryBytes, ulong Align, ProtFlags Prot);

/// <summary>What execve needs to know of an x86-64 ELF file.</summary>
/// <remarks>Linux: include/uapi/linux/elf.h: struct elf64_hdr, elf64_phdr, v6.18.</remarks>
public sealed record ElfImage
{
    /// <summary>Whether it can be loaded anywhere (ET_DYN) or at its own addresses only (ET_EXEC).</summary>
    public required bool IsDynamic { get; init; }

    /// <summary>The entry point, before any bias.</summary>
    public required ulong Entry { get; init; }

    /// <summary>Where the program headers begin in the file.</summary>
    public required ulong HeadersOffset { get; init; }

    /// <summary>How many program headers there are.</summary>
    public required int HeaderCount { get; init; }

    /// <summary>The PT_LOAD segments in the file's order.</summary>
    public required IReadOnlyList<ElfSegment> Segments { get; init; }

    /// <summary>Path of the interpreter (PT_INTERP), or null.</summary>
    public string? Interpreter { get; init; }

    /// <summary>Whether PT_GNU_STACK asks for an executable stack.</summary>
    public bool HasExecutableStack { get; init; }

    /// <summary>Bytes from the first page of all segments to the end of the last; 0 without segments.</summary>
    /// <remarks>Linux: fs/binfmt_elf.c: total_mapping_size, v6.18.</remarks>
    public ulong TotalBytes(ulong pageMask)
    {
        ulong low = ulong.MaxValue;
        ulong high = 0;
        foreach (ElfSegment segment in Segments)
        {
            low = Math.Min(low, segment.Address & ~pageMask);
            high = Math.Max(high, segment.Address + segment.MemoryBytes);
        }

        return Segments.Count == 0 ? 0 : high - low;
    }

    /// <summary>The largest alignment that a segment asks for, at least a page. Only powers of two count.</summary>
    /// <remarks>Linux: fs/binfmt_elf.c: maximum_alignment, v6.18.</remarks>
    public ulong MaximumAlignment(ulong pageMask)
    {
        ulong alignment = 0;
        foreach (ElfSegment segment in Segments)
        {
            if (ulong.IsPow2(segment.Align))
                alignment = Math.Max(alignment, segment.Align);
        }

        return (alignment + pageMask) & ~pageMask;
    }

    /// <summary>The address of the program headers in memory, before any bias (AT_PHDR).</summary>
    public ulong HeadersAddress()
    {
        ulong address = 0;
        foreach (ElfSegment segment in Segments)
        {
            if (segment.Offset <= HeadersOffset && HeadersOffset < segment.Offset + segment.FileBytes)
                address = HeadersOffset - segment.Offset + segment.Address;
        }

        return address;
    }
}
