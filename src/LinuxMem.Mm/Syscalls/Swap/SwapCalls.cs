using LinuxMem.Abi;
using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vfs.Names;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Syscalls.Swap;

/// <summary>swapon(path, flags) and swapoff(path).</summary>
/// <remarks>
/// Linux: mm/swapfile.c: swapon, swapoff, v6.18. Areas are those that the machine has prepared (machine.swap); any
/// other file has no header of mkswap, and is EINVAL. No disk of the machine can discard, so that SWAP_FLAG_DISCARD
/// does nothing, as on Linux with such a disk.
/// </remarks>
public sealed class SwapCalls
{
    private const ulong Prefer = 0x8000; // SWAP_FLAG_PREFER
    private const ulong PriorityMask = 0x7fff;
    private const ulong Discard = 0x7_0000; // SWAP_FLAG_DISCARD, _ONCE and _PAGES
    private readonly FileServices services;
    private readonly Overcommit overcommit;
    private readonly SwapUnuse unuse;
    private readonly SwapOperations swap;

    /// <summary>With the machine's services.</summary>
    public SwapCalls(FileServices services, Overcommit overcommit, SwapUnuse unuse)
    {
        this.services = services;
        this.overcommit = overcommit;
        this.unuse = unuse;
        swap = services.Memory.Swap;
    }

    /// <summary>
    /// Takes an area into use. EINVAL: unknown flags, or no area; EPERM: no CAP_SYS_ADMIN; EBUSY: it is in use; EFAULT,
    /// ENOENT, EISDIR.
    /// </summary>
    public IEnumerator<PageLookup> On(CallProgress call)
    {
        ulong flags = (uint)call.Request.A1;
        if ((flags & ~(Prefer | PriorityMask | Discard)) != 0)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        var paths = new PathOperand(services);
        for (var steps = Take(call, paths); steps.MoveNext();)
            yield return steps.Current;
        if (paths.Path is not { } path)
            yield break;
        if (swap.Areas.FindPrepared(path) is not { } area)
        {
            call.Fail(WhyNoArea(call, path));
            yield break;
        }

        if (swap.Areas.Find(path) >= 0)
        {
            call.Fail(Errno.EBUSY);
            yield break;
        }

        SwapAreaSettings used = swap.SwapOn(area, (flags & Prefer) != 0 ? (int)(flags & PriorityMask) : null);
        long kb = (long)(used.Pages - 1) << (services.Memory.Geometry.PageShift - 10);
        swap.Print?.Invoke(call.At.NowNs, FormattableString.Invariant(
            $"Adding {kb}k swap on {path}.  Priority:{used.Priority} extents:1 across:{kb}k ")
            + (used.IsRotational ? "" : "SS"));
        call.Return(0);
    }

    /// <summary>
    /// Brings back what an area holds, and takes it out of use. EPERM: no CAP_SYS_ADMIN; EINVAL: it is not in use;
    /// ENOMEM: too much is promised to do without it, or a page could not be brought back; EINTR; EFAULT, ENOENT,
    /// EISDIR.
    /// </summary>
    public IEnumerator<PageLookup> Off(CallProgress call)
    {
        var paths = new PathOperand(services);
        for (var steps = Take(call, paths); steps.MoveNext();)
            yield return steps.Current;
        if (paths.Path is not { } path)
            yield break;
        int area = swap.Areas.Find(path);
        if (area < 0 || swap.Areas.IsLeaving(area))
        {
            call.Fail(swap.Areas.FindPrepared(path) is null ? WhyNoArea(call, path) : Errno.EINVAL);
            yield break;
        }

        if (!overcommit.Allows(call.Mm, swap.Areas[area].Pages - 1, isAdmin: true))
        {
            call.Fail(Errno.ENOMEM);
            yield break;
        }

        bool isEmpty = false;
        swap.Retire(area);
        call.Task.IsOomOrigin = true;
        try
        {
            for (var steps = unuse.Run(call, area); steps.MoveNext();)
                yield return steps.Current;
            isEmpty = !call.Result.IsError;
        }
        finally
        {
            // Also where the caller was killed on the way.
            call.Task.IsOomOrigin = false;
            if (isEmpty)
                swap.SwapOff(area);
            else
                swap.Reinstate(area);
        }
    }

    private IEnumerator<PageLookup> Take(CallProgress call, PathOperand paths)
    {
        if (call.Task.Credentials.Has(Capabilities.SysAdmin))
            return paths.Take(call, call.Request.A0, call.Operands?.Path);
        return FileServices.Fail(call, Errno.EPERM);
    }

    private Errno WhyNoArea(CallProgress call, string path)
    {
        const ulong here = unchecked((ulong)PathWalk.WorkingDirectory);
        WalkResult found = services.Names.Walk.Walk(call.Task, here, path, follow: true);
        if (found.Error != Errno.None)
            return found.Error;
        if (call.Operands?.External is { } external)
            found = found with { Inode = services.Names.AddOpened(found, external) };
        Errno error = services.Names.Open(call.Task, found, OpenFlags.ReadWrite, mode: 0, out _);
        return error == Errno.None ? Errno.EINVAL : error;
    }
}
