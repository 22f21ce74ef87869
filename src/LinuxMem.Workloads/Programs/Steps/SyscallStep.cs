using LinuxMem.Abi;

namespace LinuxMem.Workloads.Programs.Steps;

/// <summary>What an argument of a call is made of.</summary>
public enum ArgumentKind
{
    /// <summary>A number.</summary>
    Number,

    /// <summary>The start of a region, and a number added to it.</summary>
    Region,

    /// <summary>The descriptor of a file, or what else an earlier step gave the name.</summary>
    File,
}

/// <summary>An argument of a call.</summary>
/// <param name="Kind">What it is made of.</param>
/// <param name="Name">The region or file; empty for a number.</param>
/// <param name="Number">The number, or what is added to the region's start, in two's complement.</param>
public readonly record struct CallArgument(ArgumentKind Kind, string Name, ulong Number)
{
    /// <summary>The value in a register.</summary>
    internal ulong ValueIn(StepContext context) => Kind switch
    {
        ArgumentKind.Region => unchecked(context.Regions.Find(Name).Start + Number),
        ArgumentKind.File => context.FileNamed(Name),
        _ => Number,
    };
}

/// <summary>A system call by its number, with any arguments.</summary>
/// <param name="Nr">Which.</param>
/// <param name="Arguments">At most six; what is left out is 0.</param>
public sealed record SyscallStep(SyscallNr Nr, IReadOnlyList<CallArgument> Arguments) : CallStep
{
    /// <summary>The region that begins where the call says; null if there is none.</summary>
    public string? Region { get; init; }

    /// <summary>How long that region is.</summary>
    public ulong RegionBytes { get; init; }

    /// <summary>The name of the descriptor that the call gives; null if it gives none.</summary>
    public string? File { get; init; }

    private static SyscallOperands Named { get; } = new() { Path = "scenario" };

    private protected override SyscallRequest Call(StepContext context)
    {
        Span<ulong> values = stackalloc ulong[6];
        for (int i = 0; i < Arguments.Count; i++)
            values[i] = Arguments[i].ValueIn(context);
        return new SyscallRequest
        {
            Nr = Nr,
            A0 = values[0],
            A1 = values[1],
            A2 = values[2],
            A3 = values[3],
            A4 = values[4],
            A5 = values[5],
            // A program of steps has no strings in its memory.
            Operands = Nr == SyscallNr.MemfdCreate ? Named : null,
        };
    }

    private protected override void Succeeded(StepContext context, long value)
    {
        if (Region is not null)
            context.Regions.Set(Region, new Region((ulong)value, RegionBytes));
        if (File is not null)
            context.Files[File] = value;
        if (Nr == SyscallNr.Brk && value > 0)
            context.BreakIs((ulong)value);
    }
}
