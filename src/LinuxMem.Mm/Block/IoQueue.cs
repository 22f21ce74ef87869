using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Mutants;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm.Block;

/// <summary>
/// The kernel's side of the disks: takes reads and writes of frames, keeps them for whoever carries them to the
/// devices, and does what is due when they are over.
/// </summary>
/// <remarks>
/// A frame that is read is locked until it is over, and uptodate then; one that is written is in writeback until it is
/// over. Each holds a reference to its frame. The bytes themselves are moved by the submitter, at submission: nobody
/// may look at a frame before it is unlocked, or change what is in writeback without a fault. Linux: block/blk-core.c:
/// submit_bio; fs/mpage.c: mpage_end_io, v6.18.
/// </remarks>
public sealed class IoQueue
{
    private readonly KernelMemory memory;
    private readonly List<BlockIo>[] pending;
    private readonly DiskCounts[] counts;
    private readonly Dictionary<long, PageIo> underWay = [];
    private readonly HashSet<uint> frames = [];
    private readonly Stack<PageIo> spare = new();
    private readonly SortedList<(long AtNs, long Id), (int Device, BlockIo Io, bool SkipsDevice)> late = [];
    private IoFaults? faults;
    private long lastId;

    /// <summary>For the disks of a machine; tasks that wake up are added to the list.</summary>
    public IoQueue(KernelMemory memory, List<TaskStruct> woken)
    {
        this.memory = memory;
        Waiters = new PageWaiters(woken);
        pending = new List<BlockIo>[memory.Settings.Disks.Count];
        counts = new DiskCounts[pending.Length];
        for (int i = 0; i < pending.Length; i++)
            pending[i] = [];
        SectorsPerPage = (uint)memory.Geometry.PageBytes / BlockDeviceSettings.SectorBytes;
    }

    /// <summary>The present: when I/Os count as submitted. Whoever runs the kernel sets it; it never goes back.
    /// </summary>
    public long NowNs { get; set; }

    /// <summary>Number of disks.</summary>
    public int Devices => pending.Length;

    /// <summary>Sectors of a page.</summary>
    public uint SectorsPerPage { get; }

    /// <summary>Cuts the power after every write, in thought; null if it is not to be.</summary>
    public DurabilityCheck? Durability { get; set; }

    /// <summary>
    /// Hears that a device has spoilt a byte of a page of a file that was read: the frame, the byte, its value. Set
    /// once, at boot.
    /// </summary>
    public Action<Pfn, int, byte>? Spoilt { get; set; }

    /// <summary>The frames whose last read has failed.</summary>
    public ReadErrors ReadErrors { get; } = new();

    /// <summary>
    /// When an I/O that is held back reaches its device, or ends; <see cref="long.MaxValue"/> if there is none.
    /// </summary>
    public long NextLateNs => late.Count == 0 ? long.MaxValue : late.Keys[0].AtNs;

    /// <summary>Whether a file's page that could not be written is dirty again.</summary>
    public bool KeepsDirty => faults is { KeepsDirty: true };

    /// <summary>Who waits for which frame.</summary>
    public PageWaiters Waiters { get; }

    /// <summary>I/Os that were submitted and are not over.</summary>
    public int UnderWay => underWay.Count;

    /// <summary>Those of one device.</summary>
    public int UnderWayOn(int device) => underWay.Values.Count(io => io.Device == device);

    /// <summary>What a device has done, as it last told; by device.</summary>
    public IReadOnlyList<DiskCounts> Counts => counts;

    /// <summary>Reads a frame. Precondition: nobody reads or writes it.</summary>
    public void Read(int device, ulong sector, Pfn page, IPageIoOwner? owner = null) =>
        Submit(device, BlockOp.Read, sector, new ReadOnlySpan<Pfn>(in page), owner);

    /// <summary>Writes a frame. Precondition: nobody reads or writes it.</summary>
    public void Write(int device, ulong sector, Pfn page, IPageIoOwner? owner = null) =>
        Submit(device, BlockOp.Write, sector, new ReadOnlySpan<Pfn>(in page), owner);

    /// <summary>
    /// Reads or writes frames whose sectors follow one another, as one I/O. Precondition: nobody reads or writes them.
    /// </summary>
    /// <param name="device">The device, by its place in the machine's list.</param>
    /// <param name="op">Which way.</param>
    /// <param name="sector">The first sector of the first frame.</param>
    /// <param name="pages">The frames; at least one.</param>
    /// <param name="owner">Whom to tell when it is over.</param>
    public void Submit(int device, BlockOp op, ulong sector, ReadOnlySpan<Pfn> pages, IPageIoOwner? owner)
    {
        PageIo io = spare.TryPop(out PageIo? used) ? used : new PageIo();
        memory.Locks.Submits(device);
        io.Id = ++lastId;
        io.Device = device;
        io.Sector = sector;
        io.Op = op;
        io.Owner = owner;
        io.Status = IoStatus.Ok;
        io.Corruption = null;
        io.Set(pages);
        foreach (Pfn page in pages)
            Begin(op, page);
        underWay.Add(io.Id, io);
        if (Durability is not null && op == BlockOp.Write && owner is FileWrites)
            Durability.Submitted(io, sector);
        var block = new BlockIo(io.Id, op, sector, (uint)pages.Length * SectorsPerPage, NowNs);
        if (!IsHeldBack(io, block))
            pending[device].Add(block);
        Submitted?.Invoke(device);
        memory.Trace?.Tell(
            Tracepoint.BlockBioQueue, device, (int)op, (long)sector, pages.Length * SectorsPerPage, io.Id);
    }

    /// <summary>
    /// Lets I/Os that were held back up to a moment, the present, go to their devices, or end.
    /// </summary>
    public void ReleaseLate()
    {
        while (late.Count > 0 && late.Keys[0].AtNs <= NowNs)
        {
            (int device, BlockIo io, bool skipsDevice) = late.Values[0];
            late.RemoveAt(0);
            io = io with { SubmittedNs = NowNs };
            if (skipsDevice)
                Complete(new BlockCompletion(io, NowNs));
            else
                pending[device].Add(io);
        }
    }

    /// <summary>
    /// By how many nanoseconds an I/O reaches its device later than usual, asked once for each; null if none is. Set
    /// once, at boot.
    /// </summary>
    public Func<int, long>? DelayOf { get; set; }

    /// <summary>Hears of each I/O with its device; null if nobody listens. Set once, at boot.</summary>
    public Action<int>? Submitted { get; set; }

    /// <summary>All that is under way to or from a device is over, with an error.</summary>
    public void Fail(int device) => Fail(io => io.Device == device);

    /// <summary>
    /// All that is under way to or from files is over for them, with an error: the device does it yet, and nobody waits
    /// for that.
    /// </summary>
    public void FailFiles()
    {
        foreach (PageIo io in underWay.Values)
        {
            if (io.Owner is FileWrites || memory.Map[io.Pages[0]].Place == FramePlace.File)
                io.Status = IoStatus.Error;
        }
    }

    private void Fail(Func<PageIo, bool> concerns)
    {
        PageIo[] failed = [.. underWay.Values.Where(concerns).OrderBy(io => io.Id)];
        foreach (PageIo io in failed)
        {
            io.Status = IoStatus.Error;
            io.Corruption = null;
            BlockIo block = BlockOf(io);
            Complete(new BlockCompletion(block, NowNs));
        }
    }

    // Takes an I/O out of where it waits for its device, if it does.
    private BlockIo BlockOf(PageIo io)
    {
        List<BlockIo> waiting = pending[io.Device];
        for (int i = 0; i < waiting.Count; i++)
        {
            if (waiting[i].Id != io.Id)
                continue;
            BlockIo block = waiting[i];
            waiting.RemoveAt(i);
            return block;
        }

        for (int i = 0; i < late.Count; i++)
        {
            if (late.Values[i].Io.Id != io.Id)
                continue;
            BlockIo block = late.Values[i].Io;
            late.RemoveAt(i);
            return block;
        }

        return new BlockIo(io.Id, io.Op, 0, (uint)io.Pages.Count * SectorsPerPage, NowNs);
    }

    private bool IsHeldBack(PageIo io, in BlockIo block)
    {
        IoFate fate = memory.Faults is { } injector ? FateOf(io, block, injector) : default;
        long lateNs = fate.LateNs + (DelayOf?.Invoke(io.Device) ?? 0);
        if (lateNs == 0 && !fate.SkipsDevice)
            return false;
        late.Add((NowNs + lateNs, block.Id), (io.Device, block, fate.SkipsDevice));
        return true;
    }

    private IoFate FateOf(PageIo io, in BlockIo block, FaultInjector injector)
    {
        if (faults is null || faults.Injector != injector)
            faults = new IoFaults(injector, memory.Settings.Disks, injector.Seed);
        bool isFile = io.Op == BlockOp.Write
            ? io.Owner is FileWrites : memory.Map[io.Pages[0]].Place == FramePlace.File;
        IoFate fate = faults.FateOf(io.Device, block, isFile);
        io.Status = fate.Status;
        io.Corruption = fate.Corruption;
        io.WrongSector = fate.WrongSector;
        return fate;
    }

    /// <summary>The frames that are being read or written, in no order.</summary>
    public IReadOnlyCollection<uint> Frames => frames;

    /// <summary>Whether a frame is being read or written.</summary>
    public bool IsUnderWay(Pfn page) => frames.Contains(page.Value);

    /// <summary>Lets a task wait until the I/O of a frame is over. Precondition: it is under way.</summary>
    public void Wait(Pfn page, TaskStruct task)
    {
        KernelBug.Assert(IsUnderWay(page), $"I43 violated: task {task.Tid} waits for frame {page}, which has no I/O");
        memory.Held.Hold(page, task);
        Waiters.Wait(page, task);
    }

    /// <summary>I/Os for a device that nobody has carried there yet, in order; the carrier takes them out.</summary>
    public List<BlockIo> Pending(int device) => pending[device];

    /// <summary>Takes in what a device tells of itself.</summary>
    public void SetCounts(int device, in DiskCounts now) => counts[device] = now;

    /// <summary>An I/O is over.</summary>
    public void Complete(in BlockCompletion completion)
    {
        KernelBug.Assert(underWay.Remove(completion.Io.Id, out PageIo? io),
            $"I49 violated: I/O {completion.Io.Id} is over twice");
        BlockIo over = completion.Io;
        memory.Trace?.Tell(
            Tracepoint.BlockBioComplete, io!.Device, (int)over.Op, (long)over.Sector, over.Sectors, over.Id);
        foreach (Pfn page in io!.Span)
            End(io.Op, page, io.Status);
        if (io is { Op: BlockOp.Read, Corruption: { } spoilt })
        {
            int shift = memory.Geometry.PageShift;
            int at = (int)(spoilt.Byte & ((1L << shift) - 1));
            Spoilt?.Invoke(io.Span[(int)(spoilt.Byte >> shift)], at, spoilt.Value);
        }

        foreach (Pfn page in io.Span)
            Waiters.Wake(page);
        Durability?.Completed(io, completion.AtNs);
        io.Owner?.Finished(io, completion.AtNs);
        foreach (Pfn page in io.Span)
            memory.PutPage(page, 0);
        io.Owner = null;
        spare.Push(io);
    }

    private void Begin(BlockOp op, Pfn page)
    {
        ref PageFrame frame = ref memory.Map[page];
        KernelBug.Assert((frame.Flags & PageFlags.Writeback) == 0 && frames.Add(page.Value),
            $"I25 violated: frame {page} ({frame.Place}, {frame.Flags}) gets a second I/O");
        frame.RefCount++;
        if (op == BlockOp.Read)
        {
            frame.Flags = (frame.Flags | PageFlags.Locked) & ~PageFlags.Uptodate;
            memory.Stat.Add(VmEvent.PgPgIn, (long)memory.Geometry.PageBytes >> 10);
            return;
        }

        frame.Flags |= PageFlags.Writeback;
        memory.Stat.Add(VmEvent.NrWriteback);
        memory.Stat.Add(VmEvent.PgPgOut, (long)memory.Geometry.PageBytes >> 10);
    }

    private void End(BlockOp op, Pfn page, IoStatus status)
    {
        frames.Remove(page.Value);
        ref PageFrame frame = ref memory.Map[page];
        if (op == BlockOp.Read)
        {
            frame.Flags &= ~PageFlags.Locked;
            if (status == IoStatus.Error)
            {
                // What shared memory has in swap is given up when it is asked for, and cannot be read again.
                if (frame.Place != FramePlace.Shmem && memory.Settings.Kernel != KernelEra.Classic)
                    memory.Ram.Spoil(page);
                if (memory.Mutant == Mutant.M51)
                    frame.Flags |= PageFlags.Uptodate;
                else
                    ReadErrors.Failed(page);
                return;
            }

            frame.Flags |= PageFlags.Uptodate;
            ReadErrors.Forget(page);
            return;
        }

        frame.Flags &= ~PageFlags.Writeback;
        if (memory.Mutant != Mutant.M131 || status != IoStatus.Error)
            memory.Stat.Add(VmEvent.NrWriteback, -1);
        memory.Stat.Add(VmEvent.NrWritten);
    }
}
