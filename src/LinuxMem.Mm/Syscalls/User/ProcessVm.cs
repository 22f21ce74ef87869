using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Uaccess;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>process_vm_readv and process_vm_writev: copies between the caller's memory and another process's.</summary>
/// <remarks>Linux: mm/process_vm_access.c: process_vm_rw, process_vm_rw_core, v6.18.</remarks>
public sealed class ProcessVm
{
    private readonly FileServices services;
    private readonly TaskTable table;

    /// <summary>Over one machine.</summary>
    public ProcessVm(FileServices services, TaskTable table)
    {
        this.services = services;
        this.table = table;
    }

    /// <summary>
    /// Copies as much as both sides hold. EINVAL: flags, too many ranges or negative lengths; EFAULT: ranges, or the
    /// first byte of either side; ESRCH; EPERM: another user's process.
    /// </summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call, bool writes)
    {
        var vectors = new IoVectors(services);
        if (call.Request.A5 != 0)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        for (var import = vectors.Import(call, call.Request.A1, call.Request.A2); import.MoveNext();)
            yield return import.Current;
        if (vectors.Vectors is not { } local)
            yield break;
        if (local.All(v => v.Length == 0))
        {
            call.Return(0);
            yield break;
        }

        IReadOnlyList<IoVec>? remote = call.Operands?.RemoteVectors;
        Errno error = CheckRemote(call, ref remote);
        TaskStruct? other = error == Errno.None ? table.Find((int)call.Request.A0) : null;
        if (error == Errno.None && remote!.All(v => v.Length == 0))
        {
            call.Return(0);
            yield break;
        }

        if (error == Errno.None)
            error = CheckAccess(call.Task, other);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        for (var copy = Copy(call, other!.Mm, local, remote!, writes); copy.MoveNext();)
            yield return copy.Current;
    }

    // The other side's ranges are told by the operands; without them nothing can be known of them.
    private static Errno CheckRemote(CallProgress call, ref IReadOnlyList<IoVec>? remote)
    {
        if (call.Request.A4 > 1024)
            return Errno.EINVAL;
        if (call.Request.A4 == 0)
            remote = [];
        if (remote is null)
            return Errno.EFAULT;
        return remote.Any(v => (long)v.Length < 0) ? Errno.EINVAL : Errno.None;
    }

    /// <summary>Whether a task may look into another's memory: ESRCH, EPERM.</summary>
    /// <remarks>Linux: kernel/ptrace.c: __ptrace_may_access, v6.18.</remarks>
    internal static Errno CheckAccess(TaskStruct caller, TaskStruct? other)
    {
        if (other is null || other.State == TaskState.Dead)
            return Errno.ESRCH;
        Credentials own = caller.Credentials, its = other.Credentials;
        bool alike = own.Uid == its.Uid && own.Uid == its.Euid && own.Uid == its.Suid
            && own.Gid == its.Gid && own.Gid == its.Egid && own.Gid == its.Sgid;
        bool may = (alike && other.Mm.Dumpable == 1) || own.Has(Capabilities.SysPtrace);
        return other.Group == caller.Group || may ? Errno.None : Errno.EPERM;
    }

    private IEnumerator<PageLookup> Copy(
        CallProgress call, Mm other, IReadOnlyList<IoVec> local, IReadOnlyList<IoVec> remote, bool writes)
    {
        ulong page = services.Memory.Geometry.PageBytes;
        int localAt = 0;
        ulong localDone = 0, total = 0;
        ulong left = local.Aggregate(0UL, static (sum, v) => Math.Min(sum + v.Length, IoVectors.BytesMax));
        ulong chunk = ChunkOf(remote);
        foreach (IoVec range in remote)
        {
            ulong done = 0, pinned = 0;
            while (done < range.Length && localAt < local.Count)
            {
                if (done == pinned && total < left)
                {
                    ulong from = range.Base + pinned;
                    ulong upTo = Math.Min(range.Length, (from & ~(page - 1)) + chunk - range.Base);
                    for (var pin = PinAll(call, other, from, range.Base + upTo, writes); pin.MoveNext();)
                        yield return pin.Current;
                    pinned = upTo;
                }

                if (localDone == local[localAt].Length)
                {
                    localAt++;
                    localDone = 0;
                    continue;
                }

                ulong far = range.Base + done, near = local[localAt].Base + localDone;
                ulong part = Math.Min(range.Length - done, local[localAt].Length - localDone);
                part = Math.Min(part, Math.Min(page - (far & (page - 1)), page - (near & (page - 1))));
                for (var move = Move(call, other, far, near, part, writes ? total : null); move.MoveNext();)
                    yield return move.Current;
                total += call.Copied;
                done += call.Copied;
                localDone += call.Copied;
                if (call.Copied == part)
                    continue;
                call.Result = total > 0 ? new SyscallResult((long)total) : SyscallResult.Fail(Errno.EFAULT);
                yield break;
            }
        }

        call.Return((long)total);
    }

    // So many bytes of one range are pinned at once. Linux: process_vm_rw_core, PVM_MAX_PP_ARRAY_COUNT and its kin.
    private ulong ChunkOf(IReadOnlyList<IoVec> remote)
    {
        const ulong few = 16, many = 1024;
        int shift = services.Memory.Geometry.PageShift;
        ulong most = 0;
        foreach (IoVec range in remote)
        {
            if (range.Length > 0)
                most = Math.Max(most, ((range.Base + range.Length - 1) >> shift) - (range.Base >> shift) + 1);
        }

        return (most <= few ? few : many) << shift;
    }

    // All pages of a range are pinned before anything is copied, whether the other side has room for them or not.
    private IEnumerator<PageLookup> PinAll(CallProgress call, Mm other, ulong start, ulong end, bool writes)
    {
        AccessKind kind = writes ? AccessKind.Write : AccessKind.Read;
        ulong page = services.Memory.Geometry.PageBytes;
        for (ulong va = start & ~(page - 1); va < end && UserPages.MayPin(other, va, kind); va += page)
        {
            for (var reach = services.Users.Reach(call, other, va, kind); reach.MoveNext();)
                yield return reach.Current;
            if (!call.Reached.IsNone && !writes)
                services.Users.PinForRead(call, other, va);
            if (call.Reached.IsNone)
                yield break;
        }
    }

    // One piece within a page of either side; it is written to the other where it is told how much went before.
    private IEnumerator<PageLookup> Move(
        CallProgress call, Mm other, ulong far, ulong near, ulong bytes, ulong? written)
    {
        bool writes = written is not null;
        byte[] buffer = new byte[bytes];
        Mm from = writes ? call.Mm : other, to = writes ? other : call.Mm;
        ulong source = writes ? near : far, target = writes ? far : near;
        // The other side is pinned first.
        AccessKind kind = writes ? AccessKind.Write : AccessKind.Read;
        if (!UserPages.MayPin(other, far, kind))
        {
            call.Copied = 0;
            yield break;
        }

        for (var reach = services.Users.Reach(call, other, far, kind); reach.MoveNext();)
            yield return reach.Current;
        if (!call.Reached.IsNone && !writes)
            services.Users.PinForRead(call, other, far);
        if (call.Reached.IsNone)
        {
            call.Copied = 0;
            yield break;
        }

        bool knowsNear = call.Operands is not { BuffersUnknown: true };
        if (!knowsNear && writes)
        {
            // What lay there is told, if not where.
            ReadOnlySpan<byte> told = call.Operands!.Outgoing.Span;
            if (written < (ulong)told.Length)
                told[(int)written..Math.Min(told.Length, (int)(written.Value + bytes))].CopyTo(buffer);
            call.Copied = bytes;
        }
        else
        {
            for (var read = services.Copy.CopyFromUser(call, from, source, buffer); read.MoveNext();)
                yield return read.Current;
        }

        if (call.Copied < bytes || (!knowsNear && !writes))
            yield break;
        if (call.Operands is { WantsCopied: true } operands)
            operands.Copied.RemoveRange(operands.Copied.Count - (int)bytes, (int)bytes);
        if (to != call.Mm)
            services.Observer.StoresFromAfar(to, target, target + bytes);
        for (var write = services.Copy.CopyToUser(call, to, target, buffer); write.MoveNext();)
            yield return write.Current;
    }
}
