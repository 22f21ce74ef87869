using LinuxMem.Abi;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls;

/// <summary>Locks or unlocks a part of one mapping.</summary>
/// <remarks>Linux: mm/mlock.c: mlock_fixup, v6.18. Kernel memory and droppable memory are left as they are.</remarks>
public static class MlockFixup
{
    /// <summary>Whether memory of these flags can be locked at all.</summary>
    /// <remarks>Linux: mm/internal.h: vma_supports_mlock, v6.18.</remarks>
    public static bool Supports(VmFlags flags) =>
        (flags & (VmFlags.Special | VmFlags.Droppable | VmFlags.HugeTlb)) == 0;

    /// <summary>
    /// Gives [start, end) of a mapping the lock flags <paramref name="added"/> in place of those that it has. ENOMEM:
    /// too many mappings.
    /// </summary>
    public static Errno Apply(Mm mm, Vma vma, ulong start, ulong end, VmFlags added, ref WorkCost cost)
    {
        VmFlags wanted = (vma.Flags & ~VmFlags.LockedMask) | added;
        if (wanted == vma.Flags || !Supports(vma.Flags))
            return Errno.None;
        cost.Vmas++;
        return mm.Vmas.ModifyFlags(vma, start, end, wanted, out _);
    }
}
