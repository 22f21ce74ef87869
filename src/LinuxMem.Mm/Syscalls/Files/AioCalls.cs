using LinuxMem.Abi;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>io_setup and io_destroy: the ring that they map and unmap. Requests themselves are not modelled.</summary>
/// <remarks>Linux: fs/aio.c: io_setup, ioctx_alloc, aio_setup_ring, io_destroy, v6.18.</remarks>
public sealed class AioCalls
{
    private const string RingName = "/[aio] (deleted)";
    private const ulong HeaderBytes = 32;
    private const ulong EventBytes = 32;
    private const ulong EventsMost = 0x10000; // fs.aio-max-nr
    private readonly FileServices services;
    private readonly Mmap mmap;
    private readonly UnmapRegion unmap;
    private readonly ulong eventsLeast;

    /// <summary>With the machine's services; a ring is mapped as mmap maps a file.</summary>
    public AioCalls(FileServices services, Mmap mmap, UnmapRegion unmap)
    {
        this.services = services;
        this.mmap = mmap;
        this.unmap = unmap;
        eventsLeast = 4 * (ulong)services.Memory.Settings.Cpus;
    }

    /// <summary>Carries a call out; false if it is another call.</summary>
    public bool TryInvoke(in SyscallContext call, out SyscallEffect effect, ref WorkCost cost)
    {
        PopulateRange populate = default;
        effect = default;
        switch (call.Request.Nr)
        {
            case SyscallNr.IoSetup:
                call.Task.Result = Setup(call, out populate, ref cost);
                break;
            case SyscallNr.IoDestroy:
                call.Task.Result = Destroy(call, ref cost);
                break;
            default:
                return false;
        }

        effect = new SyscallEffect(TrapAction.Resume, Populate: populate);
        return true;
    }

    // EINVAL: no events, or more than any ring holds; EAGAIN: more than fs.aio-max-nr. The ring holds at least four
    // events a CPU, and twice what was asked for, so that each CPU can have some of its own.
    private SyscallResult Setup(in SyscallContext call, out PopulateRange populate, ref WorkCost cost)
    {
        populate = default;
        uint asked = (uint)call.Request.A0;
        if (asked == 0 || asked > 0x1000_0000 / EventBytes)
            return SyscallResult.Fail(Errno.EINVAL);
        if (asked > EventsMost)
            return SyscallResult.Fail(Errno.EAGAIN);
        ulong events = (2 * Math.Max(asked, eventsLeast)) + 2;
        ulong mask = services.Memory.Geometry.PageOffsetMask;
        ulong bytes = (HeaderBytes + (EventBytes * events) + mask) & ~mask;
        OpenFile file = services.Names.CreateShmem(bytes, RingName);
        file.Get();
        var request = new MapRequest(file, 0, bytes, ProtFlags.Read | ProtFlags.Write, MapFlags.Shared, Offset: 0);
        SyscallResult result = mmap.Map(call, request, out populate, ref cost);
        file.Put();
        return result.IsError ? result : default;
    }

    // EINVAL: no ring begins there. It is unmapped as a whole, wherever mremap has moved it.
    private SyscallResult Destroy(in SyscallContext call, ref WorkCost cost)
    {
        Vma? vma = call.Mm.Vmas.Tree.FindContaining(call.Request.A0);
        if (vma?.File?.Path != RingName || vma.Start != call.Request.A0)
            return SyscallResult.Fail(Errno.EINVAL);
        (ulong start, ulong end) = (vma.Start, vma.End);
        Errno error = unmap.Unmap(call.Mm, start, end, call.At, ref cost);
        if (error == Errno.None)
            services.Observer.Unmapped(call.Mm, start, end);
        return error == Errno.None ? default : SyscallResult.Fail(error);
    }
}
