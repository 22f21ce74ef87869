using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Fork;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>fcntl(fd, F_ADD_SEALS, seals): forbids changes of a memfd for ever.</summary>
/// <remarks>Linux: mm/memfd.c: memfd_add_seals, memfd_wait_for_pins, v6.18.</remarks>
internal sealed class AddSeals(KernelMemory memory, MmLifecycle lifecycle)
{
    private const ulong Command = 1033;

    // Those who refer to pages have 10 ms, and then twice as long, three times more: LAST_SCAN.
    private const long FirstWaitNs = 10_000_000;
    private const int WaitsMax = 4;

    /// <summary>Whether a command of fcntl is this one.</summary>
    internal static bool Concerns(ulong command) => (uint)command == Command;

    /// <summary>
    /// EBADF, EPERM (not open for writing; sealed against seals), EINVAL (unknown seals; no file that can be sealed),
    /// EBUSY where somebody may still write: by a mapping, or in a pipe that refers to a page.
    /// </summary>
    internal IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        var seals = (FileSeals)(uint)call.Request.A2;
        if (call.Task.Files.Find((uint)call.Request.A0) is not { } file || (file.Flags & OpenFlags.Path) != 0)
        {
            call.Fail(Errno.EBADF);
            yield break;
        }

        Errno error = Check(file, ref seals);
        Inode inode = file.Inode;
        if (error == Errno.None && (seals & FileSeals.Write) != 0 && (inode.Seals & FileSeals.Write) == 0)
        {
            bool isBusy = IsMappedForWriting(inode.Mapping);
            for (int waits = 0; !isBusy && IsLent(inode.Mapping); waits++)
            {
                isBusy = waits == WaitsMax || call.Task.GroupExiting;
                if (isBusy)
                    break;
                call.IsThrottled = true;
                call.WakeAtNs = call.At.NowNs + (FirstWaitNs << waits);
                yield return PageLookup.Wait;
                isBusy = IsMappedForWriting(inode.Mapping);
            }

            error = isBusy ? Errno.EBUSY : Errno.None;
        }

        if (error == Errno.None)
            inode.Seals |= seals;
        call.Fail(error);
    }

    private static Errno Check(OpenFile file, ref FileSeals seals)
    {
        const FileSeals known = FileSeals.Seal | FileSeals.Shrink | FileSeals.Grow | FileSeals.Write
            | FileSeals.FutureWrite | FileSeals.Exec;
        if (!file.CanWrite)
            return Errno.EPERM;
        if ((seals & ~known) != 0 || file.Inode.Kind != InodeKind.Shmem)
            return Errno.EINVAL;
        if ((file.Inode.Seals & FileSeals.Seal) != 0)
            return Errno.EPERM;
        // A file that can never be made executable again has no use for the right to be written.
        if ((seals & FileSeals.Exec) != 0 && file.Inode.IsExecutable)
            seals |= FileSeals.Shrink | FileSeals.Grow | FileSeals.Write | FileSeals.FutureWrite;
        return Errno.None;
    }

    private bool IsLent(AddressSpace mapping)
    {
        foreach (uint page in memory.Lent.References.Keys)
        {
            PageFrame frame = memory.Map[new Pfn(page)];
            if (frame.Place == FramePlace.Shmem && frame.Owner == mapping.Id)
                return true;
        }

        return false;
    }

    // mapping_deny_writable: shared mappings that may be written, now or after mprotect.
    private bool IsMappedForWriting(AddressSpace mapping)
    {
        int left = mapping.VmaCount;
        foreach (Mm mm in lifecycle.Live)
        {
            for (Vma? vma = mm.Vmas.Tree.First; vma is not null && left > 0; vma = vma.Next)
            {
                if (vma.Mapping != mapping)
                    continue;
                left--;
                const VmFlags writable = VmFlags.Shared | VmFlags.MayWrite;
                if ((vma.Flags & writable) == writable)
                    return true;
            }
        }

        return false;
    }
}
