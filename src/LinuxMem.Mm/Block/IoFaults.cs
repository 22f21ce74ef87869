using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Block;

/// <summary>What is to become of an I/O.</summary>
/// <param name="Status">How it ends.</param>
/// <param name="LateNs">By how much later it reaches its device.</param>
/// <param name="SkipsDevice">Whether it never does: it ends when that time is over.</param>
internal readonly record struct IoFate(IoStatus Status, long LateNs = 0, bool SkipsDevice = false);

/// <summary>Asks at each I/O whether it fails, is late, or is dropped.</summary>
/// <remarks>
/// Linux: block/blk-core.c: should_fail_bio; block/blk-timeout.c: blk_should_fake_timeout; drivers/md/dm-delay.c,
/// dm-flakey.c, v6.18. An I/O that fails takes as long as one that works, as with an error of the medium.
/// </remarks>
internal sealed class IoFaults
{
    private readonly IReadOnlyList<BlockDeviceSettings> disks;
    private RandomStream jitter;

    public IoFaults(FaultInjector injector, IReadOnlyList<BlockDeviceSettings> disks, ulong seed)
    {
        Injector = injector;
        this.disks = disks;
        jitter = new RandomStream(RandomStream.Derive(seed, "fault jitter"));
    }

    /// <summary>Who is asked.</summary>
    public FaultInjector Injector { get; }

    /// <summary>Whether a file's page that could not be written is dirty again.</summary>
    public bool KeepsDirty => Injector.RuleOf(FaultPoint.FailMakeRequest).Value("on-write-error") == "keep_dirty";

    /// <summary>What becomes of an I/O that is submitted now.</summary>
    public IoFate FateOf(int device, in BlockIo io, bool mayDrop)
    {
        string detail = $"{disks[device].Name} {(io.Op == BlockOp.Read ? "read" : "write")} {io.Sector}+{io.Sectors}";
        int bytes = (int)io.Sectors * BlockDeviceSettings.SectorBytes;
        if (Concerns(FaultPoint.FailMakeRequest, device, io) && Passes(FaultSite.SubmitBio, bytes, detail))
            return new IoFate(IoStatus.Error);
        if (Concerns(FaultPoint.DmFlakey, device, io) && FlakeyFate(io, mayDrop) is { } status
            && Passes(FaultSite.FlakeyMap, bytes, detail))
            return new IoFate(status);
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
    private IoStatus? FlakeyFate(in BlockIo io, bool mayDrop)
    {
        FaultRule rule = Injector.RuleOf(FaultPoint.DmFlakey);
        long up = Time(rule, "up"), down = Time(rule, "down");
        if (down == 0 || io.SubmittedNs % (up + down) < up)
            return null;
        bool reads = io.Op == BlockOp.Read;
        return rule.Value("mode") switch
        {
            "drop_writes" => reads || !mayDrop ? null : IoStatus.Dropped,
            "error_reads" => reads ? IoStatus.Error : null,
            "error_writes" => reads ? null : IoStatus.Error,
            _ => IoStatus.Error,
        };
    }

    private bool Concerns(FaultPoint point, int device, in BlockIo io)
    {
        FaultRule rule = Injector.RuleOf(point);
        if (!FaultNumbers.Matches(rule.Value("device"), disks[device].Name))
            return false;
        if (point != FaultPoint.DmFlakey && !rule.Value("op").Contains(io.Op == BlockOp.Read ? 'r' : 'w'))
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
