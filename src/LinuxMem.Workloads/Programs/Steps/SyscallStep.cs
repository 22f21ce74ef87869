using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
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
    /// <summary>What the name of a pipe's end to write to has after that of the end to read from.</summary>
    public const string WriteEnd = ".w";

    /// <summary>The region that begins where the call says; null if there is none.</summary>
    public string? Region { get; init; }

    /// <summary>How long that region is.</summary>
    public ulong RegionBytes { get; init; }

    /// <summary>The name of the descriptor that the call gives; null if it gives none.</summary>
    public string? File { get; init; }

    /// <summary>The numbers of the structure that it reads; empty if it reads none.</summary>
    public IReadOnlyList<CallArgument> Words { get; init; } = [];

    /// <summary>The caller's ranges: start and length each.</summary>
    public ImmutableArray<ImmutableArray<CallArgument>> Vectors { get; init; } = [];

    /// <summary>The other process's ranges.</summary>
    public ImmutableArray<ImmutableArray<CallArgument>> RemoteVectors { get; init; } = [];

    /// <summary>The arguments, and what structures and ranges are made of.</summary>
    public IEnumerable<CallArgument> AllArguments => Arguments.Concat(Words)
        .Concat(Vectors.SelectMany(range => range)).Concat(RemoteVectors.SelectMany(range => range));

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
            Operands = OperandsOf(context),
        };
    }

    // A program of steps has no strings and no structures in its memory.
    private SyscallOperands? OperandsOf(StepContext context)
    {
        context.CallOperands = null;
        if (Nr == SyscallNr.MemfdCreate)
            return Named;
        if (Words.Count == 0 && Vectors.Length == 0 && RemoteVectors.Length == 0 && Nr != SyscallNr.Pipe2)
            return null;
        return context.CallOperands = new SyscallOperands
        {
            Words = Words.Count == 0 ? null : [.. Words.Select(word => word.ValueIn(context))],
            Vectors = RangesOf(Vectors, context),
            RemoteVectors = RangesOf(RemoteVectors, context),
            WantsCopied = Nr == SyscallNr.Pipe2,
        };
    }

    private static IReadOnlyList<IoVec>? RangesOf(
        ImmutableArray<ImmutableArray<CallArgument>> ranges, StepContext context) => ranges.Length == 0 ? null
        : [.. ranges.Select(range => new IoVec(range[0].ValueIn(context), range[1].ValueIn(context)))];

    private protected override void Succeeded(StepContext context, long value)
    {
        if (Region is not null)
            context.Regions.Set(Region, new Region((ulong)value, RegionBytes));
        if (File is not null && Nr == SyscallNr.Pipe2)
            NameEnds(context, File);
        else if (File is not null)
            context.Files[File] = value;
        if (Nr == SyscallNr.Brk && value > 0)
            context.BreakIs((ulong)value);
    }

    // The kernel has written both descriptors to the caller's memory.
    private static void NameEnds(StepContext context, string name)
    {
        Span<byte> ends = CollectionsMarshal.AsSpan(context.CallOperands!.Copied);
        context.Files[name] = BinaryPrimitives.ReadInt32LittleEndian(ends);
        context.Files[name + WriteEnd] = BinaryPrimitives.ReadInt32LittleEndian(ends[sizeof(int)..]);
    }
}
