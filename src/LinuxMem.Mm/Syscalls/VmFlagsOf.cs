using LinuxMem.Abi;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls;

/// <summary>Turns what programs say into the flags of a VMA.</summary>
/// <remarks>Linux: include/linux/mman.h: calc_vm_prot_bits, calc_vm_flag_bits, v6.18.</remarks>
public static class VmFlagsOf
{
    /// <summary>Every right that a private mapping may ever get.</summary>
    public const VmFlags MayAll = VmFlags.MayRead | VmFlags.MayWrite | VmFlags.MayExec;

    /// <summary>The flags of the heap and of a stack's or data segment's usual rights.</summary>
    public const VmFlags Data = VmFlags.Read | VmFlags.Write | MayAll | VmFlags.Account;

    /// <summary>The rights of a protection.</summary>
    public static VmFlags Protection(ProtFlags prot)
    {
        VmFlags flags = VmFlags.None;
        if ((prot & ProtFlags.Read) != 0)
            flags |= VmFlags.Read;
        if ((prot & ProtFlags.Write) != 0)
            flags |= VmFlags.Write;
        if ((prot & ProtFlags.Exec) != 0)
            flags |= VmFlags.Exec;
        return flags;
    }

    /// <summary>The flags of a mapping that an image is made of.</summary>
    public static VmFlags Image(ProtFlags prot)
    {
        VmFlags flags = Protection(prot) | MayAll;
        return (prot & ProtFlags.Write) != 0 ? flags | VmFlags.Account : flags;
    }

    /// <summary>The flags that mmap's own ask for. Stacks want no huge pages.</summary>
    public static VmFlags Request(MapFlags map)
    {
        VmFlags flags = VmFlags.None;
        if ((map & MapFlags.GrowsDown) != 0)
            flags |= VmFlags.GrowsDown;
        if ((map & MapFlags.Locked) != 0)
            flags |= VmFlags.Locked;
        if ((map & MapFlags.Stack) != 0)
            flags |= VmFlags.NoHugePage;
        if ((map & MapFlags.Sync) != 0)
            flags |= VmFlags.Sync;
        return flags;
    }
}
