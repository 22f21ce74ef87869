namespace LinuxMem.Mm.Block;

/// <summary>What a device has done: the fields of its line in /proc/diskstats.</summary>
/// <remarks>Linux: Documentation/admin-guide/iostats.rst, v6.18; times in nanoseconds here.</remarks>
public sealed class DiskStats
{
    /// <summary>Reads that are over.</summary>
    public long Reads { get; private set; }

    /// <summary>Reads that became part of another request.</summary>
    public long ReadMerges { get; private set; }

    /// <summary>Sectors read.</summary>
    public long SectorsRead { get; private set; }

    /// <summary>From arrival to the end, of all reads together.</summary>
    public long ReadNs { get; private set; }

    /// <summary>Writes that are over.</summary>
    public long Writes { get; private set; }

    /// <summary>Writes that became part of another request.</summary>
    public long WriteMerges { get; private set; }

    /// <summary>Sectors written.</summary>
    public long SectorsWritten { get; private set; }

    /// <summary>From arrival to the end, of all writes together.</summary>
    public long WriteNs { get; private set; }

    /// <summary>Time in which it had anything to do, up to when it last was idle.</summary>
    public long BusyNs { get; internal set; }

    internal void Merged(BlockOp op)
    {
        if (op == BlockOp.Read)
            ReadMerges++;
        else
            WriteMerges++;
    }

    internal void Completed(BlockIo io, long atNs)
    {
        if (io.Op == BlockOp.Read)
        {
            Reads++;
            SectorsRead += io.Sectors;
            ReadNs += atNs - io.SubmittedNs;
        }
        else
        {
            Writes++;
            SectorsWritten += io.Sectors;
            WriteNs += atNs - io.SubmittedNs;
        }
    }
}
