using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Reclaim;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>madvise(addr, length, MADV_PAGEOUT) and MADV_FREE, for which the owner of swap has to be asked.</summary>
/// <remarks>Linux: mm/madvise.c: madvise_pageout, madvise_dontneed_free, v6.18.</remarks>
public sealed class MadviseReclaim
{
    private readonly Madvise madvise;
    private readonly PageOut pageOut;
    private readonly LazyFree lazyFree;

    /// <summary>With the machine's services.</summary>
    public MadviseReclaim(FileServices services, PageMapper mapper, Madvise madvise, Reclaimer reclaimer)
    {
        this.madvise = madvise;
        pageOut = new PageOut(services.Memory, mapper, reclaimer);
        lazyFree = new LazyFree(services.Memory, mapper, services.Observer);
    }

    /// <summary>Whether an advice is one of these.</summary>
    public static bool Takes(Advice advice) => advice is Advice.PageOut or Advice.Free;

    /// <summary>
    /// EINVAL: bad arguments, or a mapping that the advice does not suit; EPERM: it is sealed; ENOMEM: holes (the rest
    /// is done).
    /// </summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        var context = new SyscallContext(call.Task, call.Request, call.At);
        if (!madvise.TryRange(context, out ulong start, out ulong end, out Advice advice))
            return FileServices.Fail(call, Errno.EINVAL);
        call.Return(0);
        return Run(call, call.Mm, start, end, advice);
    }

    /// <summary>The same for a range of any address space.</summary>
    public IEnumerator<PageLookup> Run(CallProgress call, Mm mm, ulong start, ulong end, Advice advice)
    {
        while (start < end)
        {
            Vma? vma = mm.Vmas.Tree.Find(start);
            if (vma is null || vma.Start > start)
                call.Fail(Errno.ENOMEM);
            if (vma is null || vma.Start >= end)
                yield break;
            start = Math.Max(start, vma.Start);
            ulong upTo = Math.Min(vma.End, end);
            Errno error = Madvise.CheckReclaim(vma, advice);
            if (error != Errno.None)
            {
                call.Fail(error);
                yield break;
            }

            var steps = advice == Advice.Free
                ? lazyFree.Run(call, mm, start, upTo) : pageOut.Run(call, mm, start, upTo);
            while (steps.MoveNext())
                yield return steps.Current;
            start = upTo;
        }
    }
}
