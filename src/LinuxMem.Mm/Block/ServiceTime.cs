using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Block;

/// <summary>How long a device takes over a request: head, platter, latency, link.</summary>
/// <remarks>
/// A seek takes as long as the root of its distance, as of a head that speeds up half the way and slows down the other;
/// the turn of the disk that is waited for is drawn from the device's own stream. The link is one: transfers of several
/// channels follow one another.
/// </remarks>
public sealed class ServiceTime
{
    private readonly BlockDeviceSettings settings;
    private RandomStream rotation;
    private ulong headSector;
    private long linkFreeNs;

    /// <summary>Of a device.</summary>
    public ServiceTime(BlockDeviceSettings settings, ulong seed)
    {
        this.settings = settings;
        rotation = new RandomStream(RandomStream.Derive(seed, "disk rotation"));
    }

    /// <summary>Where the last request ended.</summary>
    public ulong HeadSector => headSector;

    /// <summary>When a request that is begun now will be over; the head is at its end from then on.</summary>
    public long Begin(BlockRequest request, long nowNs)
    {
        long readyNs = nowNs + (request.Op == BlockOp.Read ? settings.ReadLatencyNs : settings.WriteLatencyNs)
            + HeadNs(request.Sector);
        linkFreeNs = Math.Max(readyNs, linkFreeNs) + settings.TransferNs(request.Sectors);
        headSector = request.End;
        return linkFreeNs;
    }

    private long HeadNs(ulong sector)
    {
        if (settings.RotationNs == 0 || sector == headSector)
            return 0;
        ulong distance = Math.Max(sector, headSector) - Math.Min(sector, headSector);
        double share = Math.Sqrt((double)distance / settings.Sectors);
        long seekNs = settings.SeekMinNs + (long)((settings.SeekMaxNs - settings.SeekMinNs) * share);
        return seekNs + (long)rotation.Below((ulong)settings.RotationNs);
    }
}
