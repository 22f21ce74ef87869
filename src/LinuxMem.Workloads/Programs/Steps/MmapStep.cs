using LinuxMem.Abi;

namespace LinuxMem.Workloads.Programs.Steps;

/// <summary>mmap of anonymous memory, or of a file.</summary>
/// <param name="Bytes">Length.</param>
/// <param name="Name">The region's name for later steps; null if it needs none.</param>
public sealed record MmapStep(ulong Bytes, string? Name) : CallStep
{
    /// <summary>Protection.</summary>
    public ProtFlags Prot { get; init; } = ProtFlags.Read | ProtFlags.Write;

    /// <summary>Flags, with Shared or Private; Anonymous is added where it has no file.</summary>
    public MapFlags Flags { get; init; } = MapFlags.Private;

    /// <summary>Address: where the mapping must be with Fixed, a hint otherwise, 0 for none.</summary>
    public ulong Address { get; init; }

    /// <summary>The file; null for anonymous memory.</summary>
    public string? File { get; init; }

    /// <summary>Where in the file it begins.</summary>
    public ulong FileOffset { get; init; }

    private protected override SyscallRequest Call(StepContext context) => new()
    {
        Nr = SyscallNr.Mmap,
        A0 = Address,
        A1 = Bytes,
        A2 = (ulong)Prot,
        A3 = (ulong)(File is null ? Flags | MapFlags.Anonymous : Flags),
        A4 = File is null ? ulong.MaxValue : context.FileNamed(File),
        A5 = FileOffset,
    };

    private protected override void Succeeded(StepContext context, long value)
    {
        if (Name is not null)
            context.Regions.Set(Name, new Region((ulong)value, Bytes));
    }
}
