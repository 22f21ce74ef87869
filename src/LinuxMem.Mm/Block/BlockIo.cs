namespace LinuxMem.Mm.Block;

/// <summary>Which way data go.</summary>
public enum BlockOp
{
    /// <summary>From the device into memory.</summary>
    Read,

    /// <summary>From memory to the device.</summary>
    Write,
}

/// <summary>What a file system or the swap code asks of a device.</summary>
/// <remarks>Linux: include/linux/blk_types.h: struct bio, v6.18.</remarks>
/// <param name="Id">Given by whoever asks; comes back with the completion.</param>
/// <param name="Op">Which way.</param>
/// <param name="Sector">The first sector.</param>
/// <param name="Sectors">How many; at least 1.</param>
/// <param name="SubmittedNs">When it reached the device's queue.</param>
public readonly record struct BlockIo(long Id, BlockOp Op, ulong Sector, uint Sectors, long SubmittedNs)
{
    /// <summary>The sector behind the last.</summary>
    public ulong End => Sector + Sectors;
}

/// <summary>A request begins or ends on its device.</summary>
/// <param name="AtNs">When.</param>
/// <param name="Begins">Whether it begins.</param>
/// <param name="Number">The request's number on its device.</param>
/// <param name="Op">Which way.</param>
/// <param name="Sector">The first sector.</param>
/// <param name="Sectors">How many, of all its I/Os.</param>
public readonly record struct RequestStep(
    long AtNs, bool Begins, long Number, BlockOp Op, ulong Sector, uint Sectors);

/// <summary>What came of an I/O.</summary>
/// <param name="Io">Which.</param>
/// <param name="AtNs">When it was over.</param>
public readonly record struct BlockCompletion(BlockIo Io, long AtNs);
