using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>madvise(addr, length, MADV_REMOVE): punches the range out of the shared objects behind it.</summary>
/// <remarks>Linux: mm/madvise.c: madvise_remove, v6.18.</remarks>
public sealed class MadviseRemove
{
    private readonly FileServices services;
    private readonly Madvise madvise;

    /// <summary>With the machine's services.</summary>
    public MadviseRemove(FileServices services, Madvise madvise)
    {
        this.services = services;
        this.madvise = madvise;
    }

    /// <summary>
    /// EINVAL: bad arguments, a locked mapping, or one of no object; EACCES: one that may not be written or is not
    /// shared; EPERM: a seal; ENOMEM: holes (the rest is done).
    /// </summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        var context = new SyscallContext(call.Task, call.Request, call.At);
        if (!madvise.TryRange(context, out ulong start, out ulong end, out _))
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        for (var steps = Run(call, call.Mm, start, end); steps.MoveNext();)
            yield return steps.Current;
    }

    /// <summary>The same for a range of any address space.</summary>
    public IEnumerator<PageLookup> Run(CallProgress call, Mm mm, ulong start, ulong end)
    {
        Errno holes = Errno.None;
        while (start < end)
        {
            Vma? vma = mm.Vmas.Tree.Find(start);
            if (vma is null || vma.Start > start)
                holes = Errno.ENOMEM;
            if (vma is null || vma.Start >= end)
                break;
            start = Math.Max(start, vma.Start);
            Errno error = Check(vma);
            if (error != Errno.None)
            {
                call.Fail(error);
                yield break;
            }

            ulong upTo = Math.Min(vma.End, end);
            Inode inode = vma.Mapping!.Host!;
            ulong offset = vma.PageIndexOf(start) << inode.PageShift;
            for (var steps = services.Cuts.PunchHole(call, inode, offset, offset + (upTo - start)); steps.MoveNext();)
                yield return steps.Current;
            if (call.ReadError != Errno.None)
            {
                call.Fail(call.ReadError);
                yield break;
            }

            start = upTo;
        }

        call.Result = holes == Errno.None ? default : SyscallResult.Fail(holes);
    }

    private static Errno Check(Vma vma)
    {
        const VmFlags wanted = VmFlags.Shared | VmFlags.MayWrite;
        const FileSeals noWrite = FileSeals.Write | FileSeals.FutureWrite;
        if (!Madvise.SealAllows(vma, Advice.Remove))
            return Errno.EPERM;
        if ((vma.Flags & VmFlags.Locked) != 0 || vma.Mapping?.Host is not { } inode)
            return Errno.EINVAL;
        if ((vma.Flags & wanted) != wanted)
            return Errno.EACCES;
        return inode.Kind == InodeKind.Shmem && (inode.Seals & noWrite) != 0 ? Errno.EPERM : Errno.None;
    }
}
