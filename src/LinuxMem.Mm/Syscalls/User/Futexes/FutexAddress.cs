using LinuxMem.Abi;
using LinuxMem.Mm.Futexes;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls.User.Futexes;

/// <summary>The word that a futex call names.</summary>
/// <remarks>Linux: kernel/futex/core.c: get_futex_key, v6.18.</remarks>
internal static class FutexAddress
{
    /// <summary>Bytes of a futex.</summary>
    public const ulong WordBytes = 4;

    /// <summary>The word of an address space that a futex lies in.</summary>
    public static FutexKey KeyOf(Mm mm, ulong address, bool isPrivate)
    {
        if (!isPrivate && mm.Vmas.Tree.FindContaining(address) is { Mapping: { } mapping } vma
            && (vma.Flags & VmFlags.Shared) != 0)
        {
            ulong inPage = mm.Context.Geometry.PageOffsetMask;
            return new FutexKey(true, mapping.Id, (vma.PageIndexOf(address) * (inPage + 1)) + (address & inPage));
        }

        return new FutexKey(false, mm.Id, isPrivate ? address : address | FutexKey.MmShared);
    }

    /// <summary>
    /// What is wrong with an address: EINVAL: not a multiple of 4; EFAULT: not in user space, or, of a futex that is
    /// not private, no memory that could be one: none at all, or read-only of nobody else.
    /// </summary>
    /// <param name="mm">The address space.</param>
    /// <param name="address">The address.</param>
    /// <param name="isPrivate">FUTEX_PRIVATE_FLAG.</param>
    /// <param name="writes">Whether the call changes the word.</param>
    public static Errno Check(Mm mm, ulong address, bool isPrivate, bool writes = false)
    {
        if (address % WordBytes != 0)
            return Errno.EINVAL;
        if (address >= mm.Vmas.Tree.TaskSize)
            return Errno.EFAULT;
        if (isPrivate)
            return Errno.None;
        Vma? vma = mm.Vmas.Tree.FindContaining(address);
        bool mayRead = vma is not null && (vma.Flags & (VmFlags.Read | VmFlags.Write)) != 0;
        bool mayWrite = vma is not null && (vma.Flags & VmFlags.Write) != 0;
        return !mayRead || (!mayWrite && (writes || vma!.Mapping is null)) ? Errno.EFAULT : Errno.None;
    }
}
