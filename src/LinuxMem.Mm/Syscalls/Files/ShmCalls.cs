using LinuxMem.Abi;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>shmget, shmat, shmdt, shmctl.</summary>
/// <remarks>Linux: ipc/shm.c: ksys_shmget, newseg, do_shmat, ksys_shmdt, ksys_shmctl, v6.18.</remarks>
public sealed class ShmCalls
{
    private const ulong Create = 0x200;
    private const ulong Exclusive = 0x400;
    private const ulong HugeTlb = 0x800;
    private const ulong NoReserve = 0x1000;
    private const ulong ReadOnly = 0x1000;
    private const ulong Round = 0x2000;
    private const ulong Remap = 0x4000;
    private const ulong Exec = 0x8000;
    private const ulong SizeMax = ulong.MaxValue - (1UL << 24);
    private readonly FileServices services;
    private readonly ShmLock locks;
    private readonly SysvSegments segments;
    private readonly Mmap mmap;
    private readonly UnmapRegion unmap;

    /// <summary>With the machine's services; a segment is attached as mmap maps a file.</summary>
    public ShmCalls(FileServices services, Mmap mmap, UnmapRegion unmap)
    {
        this.services = services;
        locks = new ShmLock(services);
        segments = services.Segments;
        this.mmap = mmap;
        this.unmap = unmap;
    }

    /// <summary>Carries a call out; false if it is another call.</summary>
    public bool TryInvoke(in SyscallContext call, out SyscallEffect effect, ref WorkCost cost)
    {
        PopulateRange populate = default;
        effect = default;
        SyscallResult result;
        switch (call.Request.Nr)
        {
            case SyscallNr.Shmget:
                result = Get(call);
                break;
            case SyscallNr.Shmat:
                result = Attach(call, out populate, ref cost);
                break;
            case SyscallNr.Shmdt:
                result = Detach(call, ref cost);
                break;
            case SyscallNr.Shmctl:
                result = Control(call);
                break;
            default:
                return false;
        }

        call.Task.Result = result;
        effect = new SyscallEffect(TrapAction.Resume, Populate: populate);
        return true;
    }

    /// <summary>
    /// shmget(key, size, flags): EINVAL, EEXIST, ENOENT, EACCES, ENOSPC, ENOMEM and EPERM (huge pages).
    /// </summary>
    public SyscallResult Get(in SyscallContext call)
    {
        int key = (int)call.Request.A0;
        ulong size = call.Request.A1;
        ulong flags = call.Request.A2;
        segments.CheckAll();
        SysvSegment? old = segments.FindKey(key);
        if (old is not null)
        {
            if ((flags & (Create | Exclusive)) == (Create | Exclusive))
                return SyscallResult.Fail(Errno.EEXIST);
            if (size > old.Bytes)
                return SyscallResult.Fail(Errno.EINVAL);
            return old.Allows(call.Task.Credentials, (uint)flags & 0x1ff)
                ? new SyscallResult(old.Id) : SyscallResult.Fail(Errno.EACCES);
        }

        if (key != 0 && (flags & Create) == 0)
            return SyscallResult.Fail(Errno.ENOENT);
        if (size is 0 or > SizeMax)
            return SyscallResult.Fail(Errno.EINVAL);
        if (size > ulong.MaxValue - services.Memory.Geometry.PageOffsetMask)
            return SyscallResult.Fail(Errno.ENOSPC);
        HugePool? pool = null;
        if ((flags & HugeTlb) != 0)
        {
            const int sizeShift = 26; // SHM_HUGE_SHIFT
            pool = services.Memory.Huge.Find((uint)(flags >> sizeShift) & 63);
            if (pool is null)
                return SyscallResult.Fail(Errno.EINVAL);
            if (!call.Task.Credentials.Has(Capabilities.IpcLock))
                return SyscallResult.Fail(Errno.EPERM);
        }

        if (pool is null && (flags & NoReserve) == 0 && !mmap.MayCommit(call, size))
            return SyscallResult.Fail(Errno.ENOMEM);
        if (services.Memory.FaultSwitch.Fails(FaultSite.AllocEmptyFile))
            return SyscallResult.Fail(Errno.ENOMEM);
        SysvSegment? made = segments.Add(key, size, (uint)flags & 0x1ff, call.Task.Credentials, pool,
            (flags & NoReserve) == 0, call.Request.Operands?.WantedId);
        return made is null ? SyscallResult.Fail(Errno.ENOMEM) : new SyscallResult(made.Id);
    }

    /// <summary>shmat(id, addr, flags): EINVAL, EIDRM, EACCES, ENOMEM.</summary>
    public SyscallResult Attach(in SyscallContext call, out PopulateRange populate, ref WorkCost cost)
    {
        populate = default;
        ulong address = call.Request.A1;
        ulong flags = call.Request.A2;
        ulong mask = services.Memory.Geometry.PageOffsetMask;
        if ((int)call.Request.A0 < 0)
            return SyscallResult.Fail(Errno.EINVAL);
        bool placed = address != 0;
        if (placed && (address & mask) != 0)
        {
            if ((flags & Round) == 0)
                return SyscallResult.Fail(Errno.EINVAL);
            address &= ~mask;
            if (address == 0 && (flags & Remap) != 0)
                return SyscallResult.Fail(Errno.EINVAL);
        }

        if (!placed && (flags & Remap) != 0)
            return SyscallResult.Fail(Errno.EINVAL);
        segments.CheckAll();
        if (segments.Find((int)call.Request.A0) is not { } segment)
            return SyscallResult.Fail(Errno.EINVAL);
        uint asked = 0x124 | ((flags & ReadOnly) != 0 ? 0u : 0x92) | ((flags & Exec) != 0 ? 0x49u : 0);
        if (!segment.Allows(call.Task.Credentials, asked))
            return SyscallResult.Fail(Errno.EACCES);
        if (address != 0 && (flags & Remap) == 0)
        {
            ulong end = address + segment.Keeper.Inode.SizeBytes;
            if (end < address || call.Mm.Vmas.Tree.FindIntersection(address, end) is not null)
                return SyscallResult.Fail(Errno.EINVAL);
        }

        if (services.Memory.FaultSwitch.Fails(FaultSite.AllocEmptyFile))
            return SyscallResult.Fail(Errno.ENOMEM);
        bool readOnly = (flags & ReadOnly) != 0;
        ProtFlags prot = readOnly ? ProtFlags.Read : ProtFlags.Read | ProtFlags.Write;
        if ((flags & Exec) != 0)
            prot |= ProtFlags.Exec;
        // Each attachment is an open file of its own, so that neighbours stay apart.
        var file = new OpenFile(segment.Keeper.Inode, readOnly ? OpenFlags.ReadOnly : OpenFlags.ReadWrite,
            segment.Keeper.Path);
        file.Get();
        MapFlags type = placed ? MapFlags.Shared | MapFlags.Fixed : MapFlags.Shared;
        var request = new MapRequest(file, address, segment.Keeper.Inode.SizeBytes, prot, type, Offset: 0);
        SyscallResult result = mmap.Map(call, request, out populate, ref cost);
        file.Put();
        return result;
    }

    /// <summary>shmdt(addr): EINVAL where nothing is attached.</summary>
    public SyscallResult Detach(in SyscallContext call, ref WorkCost cost)
    {
        ulong address = call.Request.A0;
        int shift = services.Memory.Geometry.PageShift;
        if ((address & services.Memory.Geometry.PageOffsetMask) != 0)
            return SyscallResult.Fail(Errno.EINVAL);
        Vma? vma = call.Mm.Vmas.Tree.Find(address);
        while (vma is not null && !IsPartAt(vma, address, shift))
            vma = vma.Next;
        if (vma?.File is not { } file)
            return SyscallResult.Fail(Errno.EINVAL);
        ulong size = (file.Inode.SizeBytes + services.Memory.Geometry.PageOffsetMask) >> shift << shift;
        while (vma is not null && vma.End - address <= size)
        {
            Vma? next = vma.Next;
            (ulong start, ulong end) = (vma.Start, vma.End);
            if (vma.File == file && IsPartAt(vma, address, shift)
                && unmap.Unmap(call.Mm, start, end, call.At, ref cost) == Errno.None)
                services.Observer.Unmapped(call.Mm, start, end);
            vma = next;
        }

        segments.CheckAll();
        return default;
    }

    /// <summary>
    /// shmctl(id, command, buf): EINVAL, EFAULT, EACCES, EPERM, ENOMEM. Structures are not filled: a log shows them, a
    /// program asks for the result.
    /// </summary>
    public SyscallResult Control(in SyscallContext call)
    {
        const int remove = 0;
        const int set = 1;
        const int stat = 2;
        const int info = 3;
        const int lockPages = 11;
        const int unlockPages = 12;
        const int shmInfo = 14;
        int id = (int)call.Request.A0;
        int command = (int)call.Request.A1 & ~0x100; // IPC_64
        segments.CheckAll();
        if (id < 0 || command < 0)
            return SyscallResult.Fail(Errno.EINVAL);
        if (command is set or info or shmInfo && IsBadBuffer(call, command == set ? VmFlags.Read : VmFlags.Write))
            return SyscallResult.Fail(Errno.EFAULT);
        if (command is info or shmInfo)
            return new SyscallResult(segments.HighestIndex);
        SysvSegment? segment = segments.Find(id);
        if (segment is null || command is not (remove or set or stat or lockPages or unlockPages))
            return SyscallResult.Fail(Errno.EINVAL);
        if (command == stat && !segment.Allows(call.Task.Credentials, 0x124))
            return SyscallResult.Fail(Errno.EACCES);
        if (command == stat && IsBadBuffer(call, VmFlags.Write))
            return SyscallResult.Fail(Errno.EFAULT);
        bool owns = call.Task.Credentials.Euid == segment.OwnerUid
            || call.Task.Credentials.Has(Capabilities.SysAdmin);
        if (command is remove or set && !owns)
            return SyscallResult.Fail(Errno.EPERM);
        if (command is lockPages or unlockPages)
            return locks.Control(call, segment, locks: command == lockPages);
        if (command == remove)
            segments.Remove(segment);
        // Linux: ipc/util.c: ipc_update_perm, v6.18.
        if (command == set && call.Request.Operands?.Words is [var uid, var gid, var mode])
        {
            (segment.OwnerUid, segment.OwnerGid) = ((uint)uid, (uint)gid);
            segment.Mode = (segment.Mode & ~0x1ffu) | ((uint)mode & 0x1ff);
        }

        return default;
    }

    // Whether the structure cannot be where the caller says.
    private static bool IsBadBuffer(in SyscallContext call, VmFlags needed)
    {
        const ulong bytes = 112; // struct shmid64_ds
        ulong last = unchecked(call.Request.A2 + bytes - 1);
        return call.Request.Operands is not { BuffersUnknown: true }
            && (!Allows(call.Mm, call.Request.A2, needed) || !Allows(call.Mm, last, needed));
    }

    private static bool Allows(Mm mm, ulong at, VmFlags needed) =>
        mm.Vmas.Tree.FindContaining(at) is { } vma && (vma.Flags & needed) != 0;

    private static bool IsPartAt(Vma vma, ulong address, int shift) =>
        vma.File?.Inode.Segment is not null && vma.Start >= address && (vma.Start - address) >> shift == vma.PgOff;
}
