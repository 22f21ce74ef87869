namespace LinuxMem.Mm.Block;

/// <summary>What a device has done: the fields of its line in /proc/diskstats.</summary>
/// <remarks>Linux: Documentation/admin-guide/iostats.rst, v6.18; times in nanoseconds here.</remarks>
/// <param name="Reads">Requests to read that are over.</param>
/// <param name="ReadMerges">I/Os that became part of another request to read.</param>
/// <param name="SectorsRead">Sectors read.</param>
/// <param name="ReadNs">From arrival to the end, of all reads together.</param>
/// <param name="Writes">Requests to write that are over.</param>
/// <param name="WriteMerges">I/Os that became part of another request to write.</param>
/// <param name="SectorsWritten">Sectors written.</param>
/// <param name="WriteNs">From arrival to the end, of all writes together.</param>
/// <param name="BusyNs">Time in which it had anything to do, up to when it last was idle.</param>
/// <param name="SwapSectorsRead">Of the sectors read, those of swap areas.</param>
/// <param name="SwapSectorsWritten">Of the sectors written, those of swap areas.</param>
public readonly record struct DiskCounts(
    long Reads, long ReadMerges, long SectorsRead, long ReadNs, long Writes, long WriteMerges, long SectorsWritten,
    long WriteNs, long BusyNs, long SwapSectorsRead = 0, long SwapSectorsWritten = 0);

/// <summary>Counts what a device does.</summary>
public sealed class DiskStats
{
    /// <summary>The counts so far.</summary>
    public DiskCounts Counts { get; private set; }

    internal void Busy(long ns) => Counts = Counts with { BusyNs = Counts.BusyNs + ns };

    internal void Merged(BlockOp op) => Counts = op == BlockOp.Read
        ? Counts with { ReadMerges = Counts.ReadMerges + 1 }
        : Counts with { WriteMerges = Counts.WriteMerges + 1 };

    // What part of a request is swap's: a merged one may have pages of both kinds.
    internal void CompletedSwap(in BlockIo io) => Counts = io.Op == BlockOp.Read
        ? Counts with { SwapSectorsRead = Counts.SwapSectorsRead + io.Sectors }
        : Counts with { SwapSectorsWritten = Counts.SwapSectorsWritten + io.Sectors };

    internal void Completed(BlockRequest request, long atNs)
    {
        long ns = atNs - request.ArrivedNs;
        Counts = request.Op == BlockOp.Read
            ? Counts with
            {
                Reads = Counts.Reads + 1,
                SectorsRead = Counts.SectorsRead + request.Sectors,
                ReadNs = Counts.ReadNs + ns,
            }
            : Counts with
            {
                Writes = Counts.Writes + 1,
                SectorsWritten = Counts.SectorsWritten + request.Sectors,
                WriteNs = Counts.WriteNs + ns,
            };
    }
}
