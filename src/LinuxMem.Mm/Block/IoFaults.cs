using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Block;

/// <summary>What is to become of an I/O.</summary>
/// <param name="Status">How it ends.</param>
/// <param name="LateNs">By how much later it reaches its device.</param>
/// <param name="SkipsDevice">Whether it never does: it ends when that time is over.</param>
/// <param name="Corruption">What is spoilt of its data.</param>
/// <param name="WrongSector">For a misdirected write: where it goes.</param>
internal readonly record struct IoFate(IoStatus Status, long LateNs = 0, bool SkipsDevice = false,
    ByteCorruption? Corruption = null, ulong WrongSector = 0);

/// <summary>Asks at each I/O whether it fails, is late, or is dropped.</summary>
/// <remarks>
/// Linux: block/blk-core.c: should_fail_bio; block/blk-timeout.c: blk_should_fake_timeout; drivers/md/dm-delay.c,
/// dm-flakey.c, v6.18. An I/O that fails takes as long as one that works, as with an error of the medium.
/// </remarks>
internal sealed class IoFaults
{
    private readonly IReadOnlyList<BlockDeviceSettings> disks;
    private RandomStream jitter;
    private RandomStream spoiler;

    public IoFaults(FaultInjector injector, IReadOnlyList<BlockDeviceSettings> disks, ulong seed)
    {
        Injector = injector;
        this.disks = disks;
        jitter = new RandomStream(RandomStream.Derive(seed, "fault jitter"));
        spoiler = new RandomStream(RandomStream.Derive(seed, "fault spoiler"));
    }

    /// <summary>Who is asked.</summary>
    public FaultInjector Injector { get; }

    /// <summary>Whether a file's page that could not be written is dirty again.</summary>
    public bool KeepsDirty => Injector.RuleOf(FaultPoint.FailMakeRequest).Value("on-write-error") == "keep_dirty";

    /// <summary>What becomes of an I/O that is submitted now.</summary>
    /// <param name="device">The device.</param>
    /// <param name="io">The I/O.</param>
    /// <param name="isFile">Whether its data are those of a file: others are not dropped, spoilt or misdirected, since
    /// nobody could tell the audit of it.</param>
    public IoFate FateOf(int device, in BlockIo io, bool isFile)
    {
        string detail = $"{disks[device].Name} {(io.Op == BlockOp.Read ? "read" : "write")} {io.Sector}+{io.Sectors}";
        int bytes = (int)io.Sectors * BlockDeviceSettings.SectorBytes;
        if (Concerns(FaultPoint.FailMakeRequest, device, io) && Passes(FaultSite.SubmitBio, bytes, detail))
            return new IoFate(IoStatus.Error);
        if (Concerns(FaultPoint.DmFlakey, device, io) && FlakeyFate(io, isFile, bytes) is { } fate
            && Passes(FaultSite.FlakeyMap, bytes, detail))
            return fate;
        if (isFile && io.Op == BlockOp.Write && Concerns(FaultPoint.Misdirect, device, io)
            && Passes(FaultSite.MisdirectedWrite, bytes, detail))
            return new IoFate(IoStatus.Misdirected, WrongSector: WrongSectorOf(device, io));
        if (Concerns(FaultPoint.FailIoTimeout, device, io) && Passes(FaultSite.BlkCompleteRequest, bytes, detail))
        {
            FaultRule rule = Injector.RuleOf(FaultPoint.FailIoTimeout);
            bool fails = rule.Value("then") == "error";
            return new IoFate(fails ? IoStatus.Error : IoStatus.Ok, Time(rule, "io-timeout"), SkipsDevice: fails);
        }

        if (Concerns(FaultPoint.DmDelay, device, io) && Passes(FaultSite.DelayMap, bytes, detail))
        {
            FaultRule rule = Injector.RuleOf(FaultPoint.DmDelay);
            long most = Time(rule, "jitter");
            return new IoFate(IoStatus.Ok, Time(rule, "delay") + (most > 0 ? (long)jitter.Below((ulong)most + 1) : 0));
        }

        return default;
    }

    private bool Passes(FaultSite site, int bytes, string detail) =>
        Injector.Fails(site, bytes, FaultTraits.None, detail);

    // What a flakey device that is down makes of an I/O; null where it is up, or does nothing to such a one.
    private IoFate? FlakeyFate(in BlockIo io, bool isFile, int bytes)
    {
        FaultRule rule = Injector.RuleOf(FaultPoint.DmFlakey);
        long up = Time(rule, "up"), down = Time(rule, "down");
        if (down == 0 || io.SubmittedNs % (up + down) < up)
            return null;
        bool reads = io.Op == BlockOp.Read;
        return rule.Value("mode") switch
        {
            "drop_writes" => reads || !isFile ? null : new IoFate(IoStatus.Dropped),
            "error_reads" => reads ? new IoFate(IoStatus.Error) : null,
            "error_writes" => reads ? null : new IoFate(IoStatus.Error),
            "corrupt_bio_byte" => isFile && rule.Value("direction") == (reads ? "r" : "w") ? Spoils(rule, bytes) : null,
            "random_read_corrupt" => isFile && reads ? SpoilsAnywhere(rule, bytes) : null,
            "random_write_corrupt" => isFile && !reads ? SpoilsAnywhere(rule, bytes) : null,
            _ => new IoFate(IoStatus.Error),
        };
    }

    // The Nth byte, counted from 1; an I/O that has none such is left alone.
    private static IoFate? Spoils(FaultRule rule, int bytes)
    {
        int nth = Count(rule, "nth-byte");
        return nth < 1 || nth > bytes
            ? null : new IoFate(IoStatus.Ok, Corruption: new ByteCorruption(nth - 1, (byte)Count(rule, "value")));
    }

    private IoFate? SpoilsAnywhere(FaultRule rule, int bytes)
    {
        bool spoils = spoiler.Below(1_000_000_000) < (ulong)Count(rule, "corrupt-probability");
        var what = new ByteCorruption((long)spoiler.Below((ulong)bytes), (byte)spoiler.Below(256));
        return spoils ? new IoFate(IoStatus.Ok, Corruption: what) : null;
    }

    // So much further on; behind the end of the disk, at its beginning.
    private ulong WrongSectorOf(int device, in BlockIo io)
    {
        ulong room = disks[device].Sectors - io.Sectors + 1;
        return (io.Sector + (ulong)Count(Injector.RuleOf(FaultPoint.Misdirect), "sectors")) % room;
    }

    private static int Count(FaultRule rule, string name)
    {
        _ = FaultNumbers.TryCount(rule.Value(name), out int count);
        return count;
    }

    private bool Concerns(FaultPoint point, int device, in BlockIo io)
    {
        FaultRule rule = Injector.RuleOf(point);
        if (!FaultNumbers.Matches(rule.Value("device"), disks[device].Name))
            return false;
        if (point != FaultPoint.DmFlakey && point != FaultPoint.Misdirect
            && !rule.Value("op").Contains(io.Op == BlockOp.Read ? 'r' : 'w'))
            return false;
        if (point != FaultPoint.FailMakeRequest && point != FaultPoint.DmFlakey)
            return true;
        _ = FaultNumbers.TryCount(rule.Value("sector-from"), out int from);
        _ = FaultNumbers.TryCount(rule.Value("sector-to"), out int to);
        return io.End > (ulong)from && (io.Sector < (ulong)to || to == int.MaxValue);
    }

    private static long Time(FaultRule rule, string name)
    {
        _ = FaultNumbers.TryTime(rule.Value(name), out long ns);
        return ns;
    }
}
