using LinuxMem.Abi;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Uaccess;

/// <summary>
/// Small stores of the kernel to user memory outside of system calls' own: thread ids, rseq areas, signal frames. They
/// fault like a program's; what they store no simulated program looks at, so that contents stay as they are.
/// </summary>
/// <remarks>
/// Linux: kernel/sched/core.c: schedule_tail; kernel/rseq.c: rseq_update_cpu_node_id; kernel/fork.c: mm_release, v6.18.
/// A page that only the page cache can tell of (a file's or a shared object's, not mapped yet) is left alone.
/// </remarks>
public sealed class KernelStore
{
    private const int TriesMax = 3;
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly PageFaultHandler faults;
    private readonly FaultCounts counts;

    /// <summary>Over one machine's memory.</summary>
    public KernelStore(KernelMemory memory, PageMapper mapper, PageFaultHandler faults, FaultCounts counts)
    {
        this.memory = memory;
        this.mapper = mapper;
        this.faults = faults;
        this.counts = counts;
    }

    /// <summary>Stores to [start, start + bytes) for a task, in an address space. False where an access is refused.
    /// </summary>
    public bool Touch(TaskStruct task, Mm mm, ulong start, ulong bytes, TrapPoint at, ref WorkCost cost)
    {
        ulong page = memory.Geometry.PageBytes;
        for (ulong va = start & ~(page - 1); va < start + bytes; va += page)
        {
            for (int tries = 0; tries < TriesMax && !IsWritable(mm, va); tries++)
            {
                FaultOutcome outcome = faults.Handle(mm, va, AccessKind.Write, at, [], ref cost);
                if (outcome.Kind is FaultKind.NeedsPages or FaultKind.Userfault or FaultKind.UserfaultMinor)
                {
                    memory.Locks.EndFault(cost);
                    break;
                }

                counts.Count(task, outcome);
                if (outcome.Signal != Signal.None || outcome.Kind == FaultKind.OutOfMemory)
                    return false;
            }
        }

        return true;
    }

    private bool IsWritable(Mm mm, ulong va)
    {
        if (va >= memory.Geometry.TaskSize)
            return false;
        PteSlot slot = memory.Tables.Find(mm, va);
        if (!slot.Exists)
            return false;
        ulong entry = memory.Tables.Read(slot);
        Vma? vma = mm.Vmas.Tree.FindContaining(va);
        return mapper.IsWritable(entry) && vma is not null && (vma.Flags & VmFlags.Write) != 0;
    }
}
