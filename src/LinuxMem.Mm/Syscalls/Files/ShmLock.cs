using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>shmctl with SHM_LOCK and SHM_UNLOCK: a segment's pages stay in memory, or may leave again.</summary>
/// <remarks>
/// Linux: ipc/shm.c: shmctl_do_lock; mm/shmem.c: shmem_lock; mm/mlock.c: user_shm_lock, v6.18. Nothing is faulted in.
/// Pages that are there move off the lists at once (Linux: when reclaim meets them); those on their way out leave.
/// </remarks>
public sealed class ShmLock
{
    private readonly FileServices services;

    /// <summary>With the machine's services.</summary>
    public ShmLock(FileServices services) => this.services = services;

    /// <summary>EPERM: not the owner, or RLIMIT_MEMLOCK is 0; ENOMEM: beyond that limit.</summary>
    public SyscallResult Control(in SyscallContext call, SysvSegment segment, bool locks)
    {
        Credentials caller = call.Task.Credentials;
        ulong limit = call.Task.Group.Limits.MemlockBytes;
        bool isFree = caller.Has(Capabilities.IpcLock);
        if (!isFree && (caller.Euid != segment.OwnerUid || (locks && limit == 0)))
            return SyscallResult.Fail(Errno.EPERM);
        Inode inode = segment.Keeper.Inode;
        if (inode.Huge is not null || locks == (segment.LockedBy is not null))
            return default;
        ulong bytes = services.Segments.LockedBytesOf(caller.Euid) + inode.SizeBytes;
        if (locks && !isFree && bytes > limit)
            return SyscallResult.Fail(Errno.ENOMEM);
        segment.LockedBy = locks ? caller.Euid : null;
        MoveAll(inode.Mapping.Id, locks);
        return default;
    }

    private void MoveAll(int mapping, bool locks)
    {
        MemMap map = services.Memory.Map;
        for (uint pfn = 1; pfn < map.FrameCount; pfn++)
        {
            PageFrame frame = map[new Pfn(pfn)];
            if (frame.Place != FramePlace.Shmem || frame.Owner != mapping || (frame.Flags & PageFlags.Lru) == 0)
                continue;
            if (locks)
                services.Memory.Lru!.Pin(new Pfn(pfn));
            else
                services.Memory.Lru!.Unpin(new Pfn(pfn));
        }
    }
}
