using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Block;

/// <summary>
/// A device's queue in virtual time: I/Os go in, are merged and ordered, and come out when the device has done them.
/// Owned by its BlockDeviceActor, which alone touches it.
/// </summary>
/// <remarks>
/// Nothing waits here: <see cref="NextEventNs"/> says when to come back. Time never goes backwards. Linux:
/// block/blk-merge.c, block/blk-mq.c, v6.18.
/// </remarks>
public sealed class BlockDevice
{
    private readonly BlockDeviceSettings settings;
    private readonly IIoScheduler scheduler;
    private readonly ServiceTime service;
    private readonly PriorityQueue<BlockRequest, (long AtNs, long Sequence)> inService = new();
    private readonly Dictionary<ulong, BlockRequest> byStart = [];
    private readonly Dictionary<ulong, BlockRequest> byEnd = [];
    private readonly ulong firstSwapSector;
    private long sequence;
    private long nowNs;
    private long busySinceNs;

    /// <summary>An idle device.</summary>
    /// <param name="settings">What it is.</param>
    /// <param name="seed">Seed of its own random draws.</param>
    /// <param name="firstSwapSector">From where on it holds swap; left out, nowhere.</param>
    public BlockDevice(BlockDeviceSettings settings, ulong seed, ulong firstSwapSector = ulong.MaxValue)
    {
        this.firstSwapSector = firstSwapSector;
        this.settings = settings;
        service = new ServiceTime(settings, seed);
        scheduler = settings.Scheduler switch
        {
            IoSchedulerKind.Deadline => new DeadlineScheduler(),
            IoSchedulerKind.Elevator => new ElevatorScheduler(),
            _ => new NoopScheduler(),
        };
    }

    /// <summary>What it has done, under the names of /proc/diskstats.</summary>
    public DiskStats Stats { get; } = new();

    /// <summary>Takes what requests begin and end; null if nobody wants to know.</summary>
    public List<RequestStep>? Requests { get; set; }

    /// <summary>When something will be over; <see cref="long.MaxValue"/> while it is idle.</summary>
    public long NextEventNs => inService.TryPeek(out _, out (long AtNs, long Sequence) due) ? due.AtNs : long.MaxValue;

    /// <summary>I/Os that are not over.</summary>
    public int Inflight { get; private set; }

    /// <summary>All that is under way is lost, and will never be over.</summary>
    public void Lose()
    {
        while (scheduler.Dispatch(service.HeadSector, nowNs) is not null)
        {
        }

        inService.Clear();
        byStart.Clear();
        byEnd.Clear();
        if (Inflight > 0)
            Stats.Busy(nowNs - busySinceNs);
        Inflight = 0;
    }

    /// <summary>Takes an I/O in. Precondition: <see cref="Advance"/> was called for its moment.</summary>
    public void Submit(BlockIo io)
    {
        KernelBug.Assert(io.SubmittedNs >= nowNs && NextEventNs > io.SubmittedNs,
            $"{settings.Name}: an I/O of {io.SubmittedNs} ns comes at {nowNs} ns, before {NextEventNs} ns was served");
        KernelBug.Assert(io.Sectors > 0 && io.End <= settings.Sectors,
            $"{settings.Name}: I/O {io.Id} of {io.Sectors} sectors at {io.Sector} is not on the device");
        nowNs = io.SubmittedNs;
        if (Inflight++ == 0)
            busySinceNs = nowNs;
        if (!TryMerge(io))
        {
            var request = new BlockRequest(io, sequence++);
            // One that is begun at once meets no other.
            if (scheduler.Count > 0 || inService.Count >= settings.Channels)
                Note(request);
            scheduler.Add(request);
        }

        Start();
    }

    /// <summary>Lets time go on to a moment; what is over by then is added, in order.</summary>
    public void Advance(long toNs, List<BlockCompletion> completions)
    {
        while (inService.TryPeek(out BlockRequest? request, out (long AtNs, long Sequence) due) && due.AtNs <= toNs)
        {
            inService.Dequeue();
            nowNs = due.AtNs;
            Inflight -= request.Count;
            Stats.Completed(request, due.AtNs);
            Tell(request, begins: false);
            for (int i = 0; i < request.Count; i++)
            {
                completions.Add(new BlockCompletion(request[i], due.AtNs));
                if (request[i].Sector >= firstSwapSector)
                    Stats.CompletedSwap(request[i]);
            }

            if (Inflight == 0)
                Stats.Busy(nowNs - busySinceNs);
            Start();
        }

        nowNs = Math.Max(nowNs, toNs);
    }

    private void Start()
    {
        while (inService.Count < settings.Channels && scheduler.Dispatch(service.HeadSector, nowNs) is { } next)
        {
            Forget(next);
            Tell(next, begins: true);
            inService.Enqueue(next, (service.Begin(next, nowNs), next.Sequence));
        }
    }

    private void Tell(BlockRequest request, bool begins) => Requests?.Add(new RequestStep(
        nowNs, begins, request.Sequence, request.Op, request.Sector, request.Sectors));

    private bool TryMerge(BlockIo io)
    {
        if (scheduler.Count == 0)
            return false;
        if ((byEnd.TryGetValue(KeyOf(io.Op, io.Sector), out BlockRequest? request)
            || byStart.TryGetValue(KeyOf(io.Op, io.End), out request))
            && request.Sectors + io.Sectors <= settings.MaxRequestSectors)
        {
            ulong oldSector = request.Sector;
            Forget(request);
            request.Merge(io);
            Note(request);
            if (request.Sector != oldSector)
                scheduler.Merged(request, oldSector);
            Stats.Merged(io.Op);
            return true;
        }

        return false;
    }

    // Of requests that begin or end at the same sector, the first to come is the one that others are merged with.
    private void Note(BlockRequest request)
    {
        byStart.TryAdd(KeyOf(request.Op, request.Sector), request);
        byEnd.TryAdd(KeyOf(request.Op, request.End), request);
    }

    private static ulong KeyOf(BlockOp op, ulong sector) => (sector << 2) | (ulong)op;

    private void Forget(BlockRequest request)
    {
        if (byStart.Count == 0 && byEnd.Count == 0)
            return;
        if (byStart.TryGetValue(KeyOf(request.Op, request.Sector), out BlockRequest? first) && first == request)
            byStart.Remove(KeyOf(request.Op, request.Sector));
        if (byEnd.TryGetValue(KeyOf(request.Op, request.End), out BlockRequest? last) && last == request)
            byEnd.Remove(KeyOf(request.Op, request.End));
    }
}
