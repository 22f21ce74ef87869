using System.Collections.Immutable;

namespace LinuxMem.Arch.Paging;

/// <summary>
/// The shape of a machine's page tables, as data: page size, levels, entry format, and the user part of the address
/// space.
/// </summary>
public sealed record PagingGeometry
{
    /// <summary>The name that scenarios use.</summary>
    public required string Name { get; init; }

    /// <summary>log2 of the page size in bytes.</summary>
    public required int PageShift { get; init; }

    /// <summary>The levels from the top (pgd) to the leaf (pte). Folded levels are left out, as in Linux.</summary>
    public required ImmutableArray<PagingLevel> Levels { get; init; }

    /// <summary>The entries of all levels.</summary>
    public required PteFormat Format { get; init; }

    /// <summary>The first address that user mode may not use (TASK_SIZE).</summary>
    public required ulong TaskSize { get; init; }

    /// <summary>The first address above what mmap picks without a hint (DEFAULT_MAP_WINDOW).</summary>
    public required ulong MapWindowEnd { get; init; }

    /// <summary>Where a program that is not position independent or is loaded with no randomisation starts.</summary>
    public required ulong ImageBase { get; init; }

    /// <summary>
    /// The page of old system calls that every process has above its own memory ([vsyscall]); 0 where there is none.
    /// </summary>
    public ulong GateAddress { get; init; }

    /// <summary>Bytes of a page.</summary>
    public ulong PageBytes => 1UL << PageShift;

    /// <summary>The bits of an address that lie inside a page.</summary>
    public ulong PageOffsetMask => PageBytes - 1;

    /// <summary>How many bits of a virtual address the tables translate.</summary>
    public int VirtualBits => Levels[0].Shift + Levels[0].Bits;

    /// <summary>x86-64 with four levels of 4 KiB pages.</summary>
    public static PagingGeometry X86_64 { get; } = new()
    {
        Name = "x86-64",
        PageShift = 12,
        Format = PteFormat.X86Long,
        Levels = [new("pgd", 39, 9), new("pud", 30, 9), new("pmd", 21, 9), new("pte", 12, 9)],
        TaskSize = 0x7fff_ffff_f000,
        MapWindowEnd = 0x7fff_ffff_f000,
        ImageBase = 0x5555_5555_4000,
        GateAddress = 0xffff_ffff_ff60_0000,
    };

    /// <summary>x86-64 with five levels (LA57). Without a hint mmap stays in the lower 47 bits, as in Linux.</summary>
    public static PagingGeometry X86_64La57 { get; } = new()
    {
        Name = "x86-64-la57",
        PageShift = 12,
        Format = PteFormat.X86Long,
        Levels = [new("pgd", 48, 9), new("p4d", 39, 9), new("pud", 30, 9), new("pmd", 21, 9), new("pte", 12, 9)],
        TaskSize = 0xff_ffff_ffff_f000,
        MapWindowEnd = 0x7fff_ffff_f000,
        ImageBase = 0x5555_5555_4000,
        GateAddress = 0xffff_ffff_ff60_0000,
    };

    /// <summary>i386 with two levels, three gigabytes for the user.</summary>
    public static PagingGeometry I386 { get; } = new()
    {
        Name = "i386",
        PageShift = 12,
        Format = PteFormat.X86Short,
        Levels = [new("pgd", 22, 10), new("pte", 12, 10)],
        TaskSize = 0xc000_0000,
        MapWindowEnd = 0xc000_0000,
        ImageBase = 0x0804_8000,
    };

    /// <summary>i386 with PAE: three levels of 8-byte entries.</summary>
    public static PagingGeometry I386Pae { get; } = new()
    {
        Name = "i386-pae",
        PageShift = 12,
        Format = PteFormat.X86Long,
        Levels = [new("pgd", 30, 2), new("pmd", 21, 9), new("pte", 12, 9)],
        TaskSize = 0xc000_0000,
        MapWindowEnd = 0xc000_0000,
        ImageBase = 0x0804_8000,
    };

    /// <summary>Alpha: three levels, 8 KiB pages, 43-bit addresses.</summary>
    public static PagingGeometry Alpha { get; } = new()
    {
        Name = "alpha",
        PageShift = 13,
        Format = PteFormat.Alpha,
        Levels = [new("pgd", 33, 10), new("pmd", 23, 10), new("pte", 13, 10)],
        TaskSize = 0x400_0000_0000,
        MapWindowEnd = 0x400_0000_0000,
        ImageBase = 0x1_2000_0000,
    };

    /// <summary>Every geometry, by its name's order of introduction above.</summary>
    public static ImmutableArray<PagingGeometry> All { get; } = [X86_64, X86_64La57, I386, I386Pae, Alpha];

    /// <summary>The geometry of that name, or null.</summary>
    public static PagingGeometry? ByName(string name) => All.FirstOrDefault(g => g.Name == name);
}
