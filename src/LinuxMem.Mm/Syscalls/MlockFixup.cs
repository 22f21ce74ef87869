using LinuxMem.Abi;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Syscalls;

/// <summary>Locks or unlocks a part of one mapping, and the pages that it has.</summary>
/// <remarks>
/// Linux: mm/mlock.c: mlock_fixup, mlock_pte_range, v6.18. Kernel memory and droppable memory are left as they are.
/// </remarks>
public sealed class MlockFixup
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;

    /// <summary>Over one machine's memory.</summary>
    public MlockFixup(KernelMemory memory, PageMapper mapper)
    {
        this.memory = memory;
        this.mapper = mapper;
    }

    /// <summary>Whether memory of these flags can be locked at all.</summary>
    /// <remarks>Linux: mm/internal.h: vma_supports_mlock, v6.18.</remarks>
    public static bool Supports(VmFlags flags) =>
        (flags & (VmFlags.Special | VmFlags.Droppable | VmFlags.HugeTlb)) == 0;

    /// <summary>
    /// Gives [start, end) of a mapping the lock flags <paramref name="added"/> in place of those that it has. ENOMEM:
    /// too many mappings.
    /// </summary>
    public Errno Apply(Mm mm, Vma vma, ulong start, ulong end, VmFlags added, ref WorkCost cost)
    {
        VmFlags wanted = (vma.Flags & ~VmFlags.LockedMask) | added;
        if (wanted == vma.Flags || !Supports(vma.Flags))
            return Errno.None;
        cost.Vmas++;
        bool wasLocked = (vma.Flags & VmFlags.Locked) != 0;
        bool isLocked = (added & VmFlags.Locked) != 0;
        Errno error = mm.Vmas.ModifyFlags(vma, start, end, wanted, out _);
        if (error == Errno.None && wasLocked != isLocked)
            Walk(mm, start, end, isLocked);
        return error;
    }

    private void Walk(Mm mm, ulong start, ulong end, bool isLocked)
    {
        for (ulong va = start; va < end;)
        {
            PteSlot slot = memory.Tables.Find(mm, va);
            if (!slot.Exists)
            {
                va = memory.Tables.SkipMissing(mm, va, end);
                continue;
            }

            va += memory.Geometry.PageBytes;
            ulong entry = memory.Tables.Read(slot);
            if (!mapper.IsMapped(entry) || mapper.PfnOf(entry) == memory.ZeroPage || memory.Mutant == Mutant.M54)
                continue;
            if (isLocked)
                memory.Lru!.Lock(mapper.PfnOf(entry));
            else if (memory.Mutant != Mutant.M118)
                memory.Lru!.Unlock(mapper.PfnOf(entry));
        }
    }
}
