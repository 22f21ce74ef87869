using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>madvise(addr, length, MADV_WILLNEED): reads the files behind the range ahead.</summary>
/// <remarks>
/// Linux: mm/madvise.c: madvise_willneed, v6.18. Of anonymous and shared memory it would only ask for what was swapped
/// out.
/// </remarks>
public sealed class MadviseWillNeed
{
    private readonly ForcedReadahead forced;
    private readonly Madvise madvise;

    /// <summary>With the machine's services.</summary>
    public MadviseWillNeed(FileServices services, Madvise madvise)
    {
        forced = new ForcedReadahead(services);
        this.madvise = madvise;
    }

    /// <summary>EINVAL: bad arguments; ENOMEM: holes (the rest is done).</summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        var context = new SyscallContext(call.Task, call.Request, call.At);
        if (!madvise.TryRange(context, out ulong start, out ulong end, out _))
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        call.Return(0);
        for (var steps = Run(call, call.Mm, start, end); steps.MoveNext();)
            yield return steps.Current;
    }

    /// <summary>The same for a range of any address space; the call fails with ENOMEM where there are holes.</summary>
    public IEnumerator<PageLookup> Run(CallProgress call, Mm mm, ulong start, ulong end)
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
            if (vma.Mapping?.Host is { IsWarm: false } inode)
            {
                ulong offset = vma.PageIndexOf(start) << inode.PageShift;
                for (var steps = forced.Run(call, inode, offset, offset + (upTo - start)); steps.MoveNext();)
                    yield return steps.Current;
            }

            start = upTo;
        }
    }
}
