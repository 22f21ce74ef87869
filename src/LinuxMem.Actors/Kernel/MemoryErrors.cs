using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Actors.Kernel;

/// <summary>The memory errors that a scenario has happen.</summary>
/// <param name="events">Which, in the order of their moments.</param>
/// <param name="kernel">The machine's kernel.</param>
/// <param name="beforeMoves">Has what was stored by now put into RAM, before a page is moved.</param>
internal sealed class MemoryErrors(IReadOnlyList<MemoryErrorEvent> events, Mm.Kernel kernel, Action beforeMoves)
{
    private int done;

    /// <summary>When the next one happens; <see cref="long.MaxValue"/> if none is left.</summary>
    public long NextNs => done < events.Count ? events[done].AtNs : long.MaxValue;

    /// <summary>The next one happens. Precondition: there is one, and the machine has come to its moment.</summary>
    public void Happen()
    {
        MemoryErrorEvent error = events[done++];
        Pfn? frame = error.Pid == 0 ? new Pfn(error.Pfn) : Find(error);
        if (frame is { } pfn)
            Happen(error, pfn);
        else
            kernel.Log.Print(error.AtNs, $"linuxmem: pid {error.Pid} has no page at 0x{error.Address:x} to corrupt");
    }

    private void Happen(MemoryErrorEvent error, Pfn pfn)
    {
        switch (error.Kind)
        {
            case MemoryErrorKind.Soft:
                beforeMoves();
                kernel.Memory.Allocator.DrainAll();
                kernel.Memory.Allocator.ListAllFreeBlocks();
                kernel.SoftOffline.Offline(pfn, error.AtNs);
                break;
            case MemoryErrorKind.Unpoison:
                kernel.SoftOffline.Unpoison(pfn, error.AtNs);
                break;
            default:
                kernel.MemoryFailure.Fail(pfn, new TrapPoint(-1, error.AtNs));
                break;
        }
    }

    private Pfn? Find(MemoryErrorEvent error)
    {
        TaskStruct? task = kernel.Tasks.Find(error.Pid);
        KernelMemory memory = kernel.Memory;
        if (task is null || task.State == TaskState.Dead || error.Address >= memory.Geometry.TaskSize)
            return null;
        PteSlot slot = memory.Tables.Find(task.Mm, error.Address);
        PteFormat format = memory.Geometry.Format;
        ulong entry = slot.Exists ? memory.Tables.Read(slot) : 0;
        return kernel.IsMapped(entry) ? new Pfn(format.PfnOf(entry)) : null;
    }
}
