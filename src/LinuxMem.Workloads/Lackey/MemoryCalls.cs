using LinuxMem.Abi;

namespace LinuxMem.Workloads.Lackey;

/// <summary>
/// Turns the memory calls of a log into calls that put every mapping where the log has it. Failed calls are left out.
/// </summary>
/// <remarks>
/// The heap: valgrind lets it begin behind the dynamic linker, where the simulated kernel's would not be. So its growth
/// is replayed as an anonymous private mapping at the logged address, and its shrinking as munmap.
/// </remarks>
internal sealed class MemoryCalls(FileTable files, int pageShift)
{
    private const ulong MremapMayMove = 1;
    private const ulong MremapFixed = 2;
    private const ulong UserEnd = 1UL << 56;

    // The end of the heap; 0 until a brk has told it.
    private ulong heapEnd;

    /// <summary>The descriptors of the process.</summary>
    internal FileTable Files { get; } = files;

    /// <summary>log2 of the page size.</summary>
    internal int PageShift => pageShift;

    /// <summary>The state of a forked child.</summary>
    internal MemoryCalls Copy() => new(Files.Copy(), pageShift) { heapEnd = heapEnd };

    /// <summary>The state after execve: another heap.</summary>
    internal MemoryCalls AfterExec() => new(Files.AfterExec(), pageShift);

    /// <summary>Turns a call into one for the simulated kernel. Returns false for one that it is spared.</summary>
    internal bool TryTranslate(LackeyCall call, out SyscallRequest request)
    {
        request = default;
        if (!call.Succeeded)
            return false;
        switch ((SyscallNr)call.Nr)
        {
            case SyscallNr.Mmap:
                request = Mmap(call);
                return true;
            case SyscallNr.Munmap or SyscallNr.Mprotect or SyscallNr.Madvise:
                request.Nr = (SyscallNr)call.Nr;
                (request.A0, request.A1, request.A2) = (call.Arg(0), call.Arg(1), call.Arg(2));
                return true;
            case SyscallNr.Mremap:
                request = Mremap(call);
                return true;
            case SyscallNr.Brk:
                return MoveHeapEnd(call.Result, ref request);
            default:
                return false;
        }
    }

    private SyscallRequest Mmap(LackeyCall call)
    {
        // NOREPLACE would be refused where an access to something the log does not show being mapped has mapped a page.
        var flags = ((MapFlags)call.Arg(3) & ~MapFlags.FixedNoReplace) | MapFlags.Fixed;
        bool anonymous = (flags & MapFlags.Anonymous) != 0;
        return new SyscallRequest
        {
            Nr = SyscallNr.Mmap,
            A0 = call.Result,
            A1 = call.Arg(1),
            A2 = call.Arg(2),
            A3 = (ulong)flags,
            A4 = anonymous ? ulong.MaxValue : call.Arg(4),
            A5 = call.Arg(5),
            File = anonymous ? null : Files.PathOf(call.Arg(4)),
        };
    }

    /// <summary>
    /// In place if the log has it so, else to the logged address: never where the simulated kernel would like it.
    /// </summary>
    private static SyscallRequest Mremap(LackeyCall call)
    {
        bool moved = call.Result != call.Arg(0);
        ulong flags = call.Arg(3) & ~(MremapMayMove | MremapFixed);
        return new SyscallRequest
        {
            Nr = SyscallNr.Mremap,
            A0 = call.Arg(0),
            A1 = call.Arg(1),
            A2 = call.Arg(2),
            A3 = moved ? flags | MremapMayMove | MremapFixed : flags,
            A4 = moved ? call.Result : 0,
        };
    }

    private bool MoveHeapEnd(ulong end, ref SyscallRequest request)
    {
        if (end is 0 or >= UserEnd)
            return false;
        ulong from = PageUp(heapEnd);
        ulong to = PageUp(end);
        bool known = heapEnd != 0;
        heapEnd = end;
        if (!known || from == to)
            return false;
        if (to < from)
        {
            request = new SyscallRequest { Nr = SyscallNr.Munmap, A0 = to, A1 = from - to };
            return true;
        }

        request = new SyscallRequest
        {
            Nr = SyscallNr.Mmap,
            A0 = from,
            A1 = to - from,
            A2 = (ulong)(ProtFlags.Read | ProtFlags.Write),
            A3 = (ulong)(MapFlags.Private | MapFlags.Anonymous | MapFlags.Fixed),
            A4 = ulong.MaxValue,
        };
        return true;
    }

    private ulong PageUp(ulong address)
    {
        ulong mask = (1UL << pageShift) - 1;
        return (address + mask) & ~mask;
    }
}
