using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Proc;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm;

/// <content>Failures that are injected.</content>
public sealed partial class Kernel
{
    private long failuresBefore;

    /// <summary>
    /// Whether a clean page of a file is known to hold other than the disk: writing it failed, or the disk dropped it.
    /// </summary>
    public bool IsLost(int mapping, uint index) => filePages.IsLost(mapping, index);

    /// <summary>Whether a leaf entry names a frame.</summary>
    public bool IsMapped(ulong entry) => mapper.IsMapped(entry);

    /// <summary>
    /// The page cache has lost what it knew: tells it of every page that is a file's or shared, as mem_map has them.
    /// </summary>
    public void ListCached()
    {
        Inserts.Clear();
        for (uint pfn = 0; pfn < Memory.Map.FrameCount; pfn++)
        {
            PageFrame frame = Memory.Map[new Pfn(pfn)];
            if (frame.Place is FramePlace.File or FramePlace.Shmem)
                Inserts.Add(new PageInsert(frame.Owner, frame.Index, new Pfn(pfn)));
        }
    }

    // Parts that tell others of what happens, without knowing them.
    private void Connect()
    {
        exit.RobustLists = new RobustLists(Memory, userPages, userCopy, exit.Futexes);
        if (Memory.Faults is { } injector)
            injector.Print = Log.Print;
        Memory.Swap.Print = Log.Print;
        Memory.Swap.Errors = new Swap.SwapIoErrors(Log, Memory.Settings.Disks);
        filePages.Objects = () => Objects.All.OrderBy(mapping => mapping.Id);
        Io.Spoilt = (page, at, value) =>
            filePages.SpoiltInMemory(Objects.ById(Memory.Map[page].Owner), page, at, value);
        Memory.OfferPages = Ksm.Enter;
        Memory.Ksm.Break = faults.Unshare;
        Proc.Context.Ksm = Ksm;
        MemoryFailure.Lost = TellOfLoss;
        MemoryFailure.Panics = message => StopSoon(isPanic: true, message);
        FileSystem.Special = new ProcInodes(Proc, Objects).Find;
        FileSystem.Walk.Links = Proc.Links;
        filePages.Dirty.BecameDirty = () => Flusher.NoteDirty(Io.NowNs);
    }

    private void EnterFaults(Trap trap)
    {
        FaultInjector faults = Memory.Faults!;
        FaultOperation operation = trap.Kind switch
        {
            TrapKind.PageFault => FaultOperation.PageFault,
            TrapKind.Syscall when trap.Request.Nr is DriverCalls.Allocate or DriverCalls.Free => FaultOperation.Driver,
            TrapKind.Syscall => FaultOperation.Of(trap.Request.Nr),
            _ => FaultOperation.Schedule,
        };
        trap.Task.Faults ??= new FaultTask(trap.Task.Tid, makeItFail: false, failNth: 0);
        faults.Enter(operation, trap.Task.Faults, trap.At.NowNs, Memory.Allocator.IsBelowLow);
        failuresBefore = faults.Failures;
    }

    // A fault in user mode for which there was no memory, without memory being short: it is made again. Linux:
    // mm/oom_kill.c: pagefault_out_of_memory, v6.18, which lets the task spin for as long as that goes on.
    private TrapOutcome Spin(Trap trap)
    {
        FaultInjector faults = Memory.Faults!;
        if (++trap.Task.Faults!.Spins < faults.Settings.SpinLimit)
            return new TrapOutcome(TrapAction.Resume, cost.ToNs(costs));
        Log.Print(trap.At.NowNs, $"linuxmem: {trap.Task.Group.Comm}[{trap.Task.Tid}] faulted "
            + $"{trap.Task.Faults.Spins} times in vain at {trap.Address:x}; killed by the watchdog");
        trap.Task.Faults.Spins = 0;
        trap.Task.Group.ExitSignal = Signal.SigKill;
        exit.EndOthers(trap.Task.Group, trap.Task);
        return Exit(trap);
    }
}
