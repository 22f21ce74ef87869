namespace LinuxMem.Simulation.Results;

/// <summary>What a disk has done: requests that are over, as /proc/diskstats counts them.</summary>
/// <param name="Name">Its name, as in /dev.</param>
/// <param name="Reads">Requests to read.</param>
/// <param name="ReadMerges">Reads that became part of another request.</param>
/// <param name="ReadBytes">Bytes read.</param>
/// <param name="ReadNs">From arrival to the end, of all reads together.</param>
/// <param name="Writes">Requests to write.</param>
/// <param name="WriteMerges">Writes that became part of another request.</param>
/// <param name="WrittenBytes">Bytes written.</param>
/// <param name="WriteNs">From arrival to the end, of all writes together.</param>
/// <param name="BusyNs">Time in which it had anything to do, up to when it last was idle.</param>
/// <param name="InFlight">Requests that are not over.</param>
public sealed record DiskResult(
    string Name, long Reads, long ReadMerges, long ReadBytes, long ReadNs, long Writes, long WriteMerges,
    long WrittenBytes, long WriteNs, long BusyNs, int InFlight)
{
    /// <summary>
    /// How many requests were with it on average in so much time, in thousandths (avgqu-sz of iostat, times 1000).
    /// </summary>
    public long QueueThousandths(long virtualNs) =>
        virtualNs == 0 ? 0 : (long)((Int128)(ReadNs + WriteNs) * 1000 / virtualNs);
}
