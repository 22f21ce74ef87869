using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls.User;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vfs.Locks;

namespace LinuxMem.Mm.Syscalls.Files.Locks;

/// <summary>fcntl(fd, command, struct flock): locks on ranges of bytes, of processes and of open files.</summary>
/// <remarks>
/// Linux: fs/locks.c: fcntl_getlk, fcntl_setlk, flock_to_posix_lock, posix_lock_inode, posix_locks_deadlock, v6.18.
/// </remarks>
public sealed class RangeLocks
{
    private const ulong GetLock = 5, SetLock = 6, SetLockWait = 7;
    private const ulong GetOwnLock = 36, SetOwnLock = 37, SetOwnLockWait = 38;
    private const short Read = 0, Write = 1, Free = 2;
    private const int StructBytes = 32;
    private readonly LockWaits waits;
    private readonly UserStructs structs;

    /// <summary>With the machine's services.</summary>
    public RangeLocks(FileServices services)
    {
        waits = services.Names.Objects.LockWaits;
        structs = new UserStructs(services);
    }

    /// <summary>Whether a command of fcntl is one.</summary>
    public static bool Concerns(ulong command) => (uint)command is >= (uint)GetLock and <= (uint)SetLockWait
        or >= (uint)GetOwnLock and <= (uint)SetOwnLockWait;

    /// <summary>Carries it out: EBADF, EFAULT, EINVAL, EOVERFLOW, EAGAIN, EDEADLK, EINTR.</summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        ulong command = (uint)call.Request.A1;
        if (call.Task.Files.Find((uint)call.Request.A0) is not { } file || (file.Flags & OpenFlags.Path) != 0)
        {
            call.Fail(Errno.EBADF);
            yield break;
        }

        var words = new ulong[StructBytes / 8];
        for (var read = structs.Read(call, call.Request.A2, words); read.MoveNext();)
            yield return read.Current;
        if (call.Copied < StructBytes)
        {
            call.Fail(Errno.EFAULT);
            yield break;
        }

        var type = (short)words[0];
        bool ofFile = command >= GetOwnLock;
        bool gets = command is GetLock or GetOwnLock;
        if (Check(call, file, words, gets, ofFile, out RangeLock wanted) is var error and not Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        if (gets)
        {
            for (var steps = Tell(call, file.Inode.Locks, wanted, words); steps.MoveNext();)
                yield return steps.Current;
            yield break;
        }

        if (type == Free)
        {
            file.Inode.Locks.Unlock(wanted.Owner, wanted.First, wanted.Last);
            yield break;
        }

        bool mayWait = command is SetLockWait or SetOwnLockWait;
        for (var steps = Set(call, file, wanted, mayWait, ofFile); steps.MoveNext();)
            yield return steps.Current;
    }

    private static Errno Check(
        CallProgress call, OpenFile file, ulong[] words, bool gets, bool ofFile, out RangeLock wanted)
    {
        var type = (short)words[0];
        object owner = ofFile ? file : call.Task.Files;
        wanted = new RangeLock(owner, ofFile ? -1 : call.Task.Group.Pid, 0, 0, type == Write);
        if (gets && type is not (Read or Write) && !(ofFile && type == Free))
            return Errno.EINVAL;
        if (Range(file, (short)(words[0] >> 16), (long)words[1], (long)words[2], out long first, out long last)
            is var error and not Errno.None)
            return error;
        if (type is not (Read or Write or Free))
            return Errno.EINVAL;
        wanted = wanted with { First = first, Last = last };
        if (gets)
            return ofFile && (int)words[3] != 0 ? Errno.EINVAL : Errno.None;
        bool mayNot = (type == Read && !file.CanRead) || (type == Write && !file.CanWrite);
        return mayNot ? Errno.EBADF : ofFile && (int)words[3] != 0 ? Errno.EINVAL : Errno.None;
    }

    private static Errno Range(OpenFile file, short whence, long start, long length, out long first, out long last)
    {
        first = last = 0;
        long from = whence switch { 1 => (long)file.Position, 2 => (long)file.Inode.SizeBytes, _ => 0 };
        if (whence is < 0 or > 2)
            return Errno.EINVAL;
        if (start > long.MaxValue - from)
            return Errno.EOVERFLOW;
        first = from + start;
        if (first < 0)
            return Errno.EINVAL;
        last = long.MaxValue;
        if (length > 0)
        {
            if (length - 1 > long.MaxValue - first)
                return Errno.EOVERFLOW;
            last = first + length - 1;
        }
        else if (length < 0)
        {
            if (first + length < 0)
                return Errno.EINVAL;
            last = first - 1;
            first += length;
        }

        return Errno.None;
    }

    // Who is in the way, in the caller's structure; of a range that is free only the type changes.
    private IEnumerator<PageLookup> Tell(CallProgress call, FileLocks locks, RangeLock wanted, ulong[] words)
    {
        RangeLock? found = (short)words[0] == Free ? locks.FindOwn(wanted.Owner, wanted.First, wanted.Last)
            : locks.FindConflict(wanted);
        byte[] bytes = UserStructs.Bytes(words);
        BinaryPrimitives.WriteInt16LittleEndian(bytes, found is null ? Free : found.IsExclusive ? Write : Read);
        if (found is not null)
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(2), 0);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), found.First);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16),
                found.Last == long.MaxValue ? 0 : found.Last - found.First + 1);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), found.Pid);
        }

        return structs.Finish(call, call.Request.A2, bytes);
    }

    private IEnumerator<PageLookup> Set(CallProgress call, OpenFile file, RangeLock wanted, bool mayWait, bool ofFile)
    {
        FileLocks locks = file.Inode.Locks;
        file.Get(); // another thread may close the descriptor while this one waits
        try
        {
            while (locks.FindConflict(wanted) is { } held)
            {
                Errno error = !mayWait ? Errno.EAGAIN : call.IsInterrupted ? Errno.EINTR
                    : !ofFile && waits.IsDeadlock(wanted.Owner, held.Owner) ? Errno.EDEADLK : Errno.None;
                if (error != Errno.None)
                {
                    call.Fail(error);
                    yield break;
                }

                waits.Begin(wanted.Owner, held.Owner);
                locks.Wait(call.Task);
                try
                {
                    yield return PageLookup.Wait;
                }
                finally
                {
                    // Also if the task is killed.
                    waits.End(wanted.Owner);
                }
            }

            locks.Lock(wanted);
        }
        finally
        {
            file.Put();
        }
    }
}
