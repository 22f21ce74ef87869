namespace LinuxMem.Mm.Block;

/// <summary>What a device does in one go: one I/O, or several that touch each other.</summary>
/// <remarks>Linux: include/linux/blk-mq.h: struct request, v6.18.</remarks>
public sealed class BlockRequest
{
    private readonly BlockIo first;
    private List<BlockIo>? merged;

    /// <summary>A request of one I/O.</summary>
    /// <param name="io">The I/O.</param>
    /// <param name="sequence">Order of arrival, unique in its device.</param>
    public BlockRequest(BlockIo io, long sequence)
    {
        Op = io.Op;
        Sector = io.Sector;
        End = io.End;
        Sequence = sequence;
        ArrivedNs = io.SubmittedNs;
        first = io;
    }

    /// <summary>Which way.</summary>
    public BlockOp Op { get; }

    /// <summary>The first sector.</summary>
    public ulong Sector { get; private set; }

    /// <summary>The sector behind the last.</summary>
    public ulong End { get; private set; }

    /// <summary>Sectors from first to last.</summary>
    public uint Sectors => (uint)(End - Sector);

    /// <summary>Order of arrival of its first I/O.</summary>
    public long Sequence { get; }

    /// <summary>When its first I/O arrived.</summary>
    public long ArrivedNs { get; }

    /// <summary>How many I/Os it is.</summary>
    public int Count => 1 + (merged?.Count ?? 0);

    /// <summary>Its I/Os, in order of arrival.</summary>
    public BlockIo this[int index] => index == 0 ? first : merged![index - 1];

    /// <summary>Takes an I/O in. Precondition: it ends where the request begins, or begins where that ends.</summary>
    internal void Merge(BlockIo io)
    {
        if (io.End == Sector)
            Sector = io.Sector;
        else
            End = io.End;
        (merged ??= []).Add(io);
    }
}
