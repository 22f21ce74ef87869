using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.Futexes;
using LinuxMem.Mm.Syscalls.User.Futexes;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Uaccess;

/// <summary>The locks that a task holds by its own word, and that its end marks as left (robust futexes).</summary>
/// <remarks>
/// Linux: kernel/futex/core.c: exit_robust_list, handle_futex_death, v6.18. Done where contents are kept; a page of the
/// list that is not in memory ends the walk.
/// </remarks>
/// <param name="memory">The machine's memory.</param>
/// <param name="pages">Finds the caller's pages.</param>
/// <param name="copy">Stores.</param>
/// <param name="table">Who waits.</param>
public sealed class RobustLists(KernelMemory memory, UserPages pages, UserCopy copy, FutexTable table)
{
    private const int Limit = 2048; // ROBUST_LIST_LIMIT
    private const ulong IsPi = 1;

    /// <summary>A task ends, or gets another image.</summary>
    public void Release(TaskStruct task, TrapPoint at)
    {
        ulong head = task.RobustList;
        task.RobustList = 0;
        if (head == 0 || memory.Ram.Contents != ContentMode.Bytes)
            return;
        if (!TryLoad(task.Mm, head, at, out ulong entry) || !TryLoad(task.Mm, head + 8, at, out ulong offset)
            || !TryLoad(task.Mm, head + 16, at, out ulong pending))
            return;
        for (int left = Limit; left > 0 && (entry & ~IsPi) != head; left--)
        {
            // Its death may free the entry, so that what comes next is read first.
            bool goesOn = TryLoad(task.Mm, entry & ~IsPi, at, out ulong next);
            // What is under way may be on the list already.
            if ((entry & ~IsPi) != (pending & ~IsPi) && !Leave(task, entry, offset, at, isPending: false))
                return;
            if (!goesOn)
                return;
            entry = next;
        }

        if ((pending & ~IsPi) != 0)
            Leave(task, pending, offset, at, isPending: true);
    }

    // False if the word cannot be reached, which ends the walk.
    private bool Leave(TaskStruct task, ulong entry, ulong offset, TrapPoint at, bool isPending)
    {
        ulong address = unchecked((entry & ~IsPi) + offset);
        bool isPi = (entry & IsPi) != 0;
        if (address % FutexAddress.WordBytes != 0 || !TryLoad(task.Mm, address, at, out ulong raw))
            return false;
        uint word = (uint)raw, owner = word & PiLock.TidMask;
        FutexKey key = FutexAddress.KeyOf(task.Mm, address, isPrivate: false);
        if (isPending && !isPi && owner == 0)
        {
            table.Wake(key, 1);
            return true;
        }

        if (owner != (uint)task.Tid)
            return true;
        if (!pages.TryReach(task.Mm, address, AccessKind.Write, at, out Pfn page))
            return false;
        byte[] left = new byte[FutexAddress.WordBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(left, (word & PiLock.Waiters) | PiLock.OwnerDied);
        copy.StorePage(task.Mm, address, page, left);
        // Who waits for a lock with priority inheritance gets it from Bequeath.
        if (!isPi && (word & PiLock.Waiters) != 0)
            table.Wake(key, 1);
        return true;
    }

    private bool TryLoad(Mm mm, ulong va, TrapPoint at, out ulong value)
    {
        value = 0;
        if (va >= memory.Geometry.TaskSize || !pages.TryReach(mm, va, AccessKind.Read, at, out Pfn page))
            return false;
        byte[] bytes = new byte[8];
        int inPage = (int)(va & memory.Geometry.PageOffsetMask);
        int count = Math.Min(bytes.Length, (int)memory.Geometry.PageBytes - inPage);
        memory.Ram.ReadBytes(page, inPage, bytes.AsSpan(0, count));
        value = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return true;
    }
}
