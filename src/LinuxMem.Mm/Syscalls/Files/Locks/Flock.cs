using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vfs.Locks;

namespace LinuxMem.Mm.Syscalls.Files.Locks;

/// <summary>flock(fd, operation): a lock on a file as a whole.</summary>
/// <remarks>Linux: fs/locks.c: flock, flock_lock_inode_wait, v6.18.</remarks>
public static class Flock
{
    private const uint Shared = 1, Exclusive = 2, NonBlocking = 4, Unlock = 8, Mandatory = 32;

    /// <summary>EINVAL for another operation, EBADF, EAGAIN instead of waiting, EINTR.</summary>
    public static IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        var operation = (uint)call.Request.A1;
        if ((operation & Mandatory) != 0)
            yield break;
        uint kind = operation & ~NonBlocking;
        if (kind is not (Shared or Exclusive or Unlock))
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        if (call.Task.Files.Find((uint)call.Request.A0) is not { } file || (file.Flags & OpenFlags.Path) != 0)
        {
            call.Fail(Errno.EBADF);
            yield break;
        }

        FileLocks locks = file.Inode.Locks;
        if (kind == Unlock)
        {
            locks.UnlockWhole(file);
            yield break;
        }

        file.Get(); // another thread may close the descriptor while this one waits
        try
        {
            while (!locks.TryLockWhole(file, kind == Exclusive))
            {
                if ((operation & NonBlocking) != 0 || call.IsInterrupted)
                {
                    call.Fail(call.IsInterrupted ? Errno.EINTR : Errno.EAGAIN);
                    yield break;
                }

                locks.Wait(call.Task);
                yield return PageLookup.Wait;
            }
        }
        finally
        {
            file.Put();
        }
    }
}
