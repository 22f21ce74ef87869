using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>mbind, set_mempolicy_home_node: policies of mappings, on a machine with one node.</summary>
/// <remarks>
/// Linux: mm/mempolicy.c: kernel_mbind, do_mbind, queue_pages_test_walk, mbind_range, set_mempolicy_home_node, v6.18.
/// The policy of shared memory is kept by the mapping, not by the object.
/// </remarks>
public sealed class MbindCalls
{
    private const ulong Strict = 1;
    private const ulong Move = 2;
    private const ulong MoveAll = 4;
    private readonly PolicyCalls policies;
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;

    /// <summary>With what reads masks of nodes.</summary>
    public MbindCalls(PolicyCalls policies, KernelMemory memory, PageMapper mapper)
    {
        this.policies = policies;
        this.memory = memory;
        this.mapper = mapper;
    }

    /// <summary>
    /// mbind(start, length, mode, mask, bits, flags): EINVAL, EFAULT (bad mask, or a hole), EPERM, ENOMEM (too many
    /// mappings), EIO (MPOL_MF_STRICT: pages on other nodes).
    /// </summary>
    public IEnumerator<PageLookup> Bind(CallProgress call)
    {
        SyscallRequest r = call.Request;
        if (MemoryPolicy.CheckMode((uint)r.A2) is var bad and not Errno.None)
        {
            call.Fail(bad);
            yield break;
        }

        for (var take = policies.TakeNodes(call, r.A3, r.A4); take.MoveNext();)
            yield return take.Current;
        if (call.Result.IsError)
            yield break;
        Errno error = CheckRange(r, (uint)r.A5, call, out ulong end);
        if (error == Errno.None && end > r.A0)
        {
            error = MemoryPolicy.TryMake((uint)r.A2, policies.Nodes, out MemoryPolicy policy);
            if (error == Errno.None && policies.IsRefused(policy))
                error = Errno.ENOMEM;
            if (error == Errno.None)
                error = CheckPages(call.Mm, r.A0, end, policy, (uint)r.A5);
            if (error == Errno.None)
                error = Apply(call.Mm, r.A0, end, policy, ref call.Cost);
        }

        if (error != Errno.None)
            call.Fail(error);
        else
            call.Return(0);
    }

    /// <summary>
    /// set_mempolicy_home_node(start, length, node, flags): EINVAL; EOPNOTSUPP: a policy that has no home; ENOENT: no
    /// policy at all; ENOMEM.
    /// </summary>
    public SyscallResult SetHomeNode(CallProgress call)
    {
        SyscallRequest r = call.Request;
        ulong mask = memory.Geometry.PageOffsetMask;
        ulong end = r.A0 + ((r.A1 + mask) & ~mask);
        if ((r.A0 & mask) != 0 || r.A3 != 0 || r.A2 != 0 || end < r.A0)
            return SyscallResult.Fail(Errno.EINVAL);
        if (end == r.A0)
            return default;
        Errno error = Errno.ENOENT;
        ulong at = r.A0;
        while (at < end && call.Mm.Vmas.Tree.FindIntersection(at, end) is { } vma)
        {
            (ulong from, ulong to) = (Math.Max(vma.Start, at), Math.Min(vma.End, end));
            at = to;
            if (vma.Policy.Mode == 0)
                continue;
            error = vma.Policy.CanHaveHome ? Errno.None : Errno.EOPNOTSUPP;
            if (error == Errno.None)
                error = call.Mm.Vmas.ModifyPolicy(vma, from, to, vma.Policy with { IsHomed = true });
            if (error != Errno.None)
                break;
            call.Cost.Vmas++;
        }

        return error == Errno.None ? default : SyscallResult.Fail(error);
    }

    private Errno CheckRange(in SyscallRequest r, ulong flags, CallProgress call, out ulong end)
    {
        ulong mask = memory.Geometry.PageOffsetMask;
        end = r.A0 + ((r.A1 + mask) & ~mask);
        if ((flags & ~(Strict | Move | MoveAll)) != 0)
            return Errno.EINVAL;
        if ((flags & MoveAll) != 0 && !call.Task.Credentials.Has(Capabilities.SysNice))
            return Errno.EPERM;
        return (r.A0 & mask) != 0 || end < r.A0 ? Errno.EINVAL : Errno.None;
    }

    // Every page lies on node 0: with a policy that names no node all of them are somewhere else.
    private Errno CheckPages(Mm mm, ulong start, ulong end, in MemoryPolicy policy, ulong flags)
    {
        Vma? vma = mm.Vmas.Tree.FindIntersection(start, end);
        if (vma is null)
            return Errno.EFAULT;
        bool isDefault = policy.Mode == 0;
        bool looks = !isDefault && policy.Nodes == 0 && (flags & (Strict | Move | MoveAll)) == Strict;
        ulong at = start;
        for (; vma is not null && vma.Start < end; vma = vma.Next)
        {
            if (!isDefault && vma.Start > at)
                return Errno.EFAULT;
            at = Math.Min(vma.End, end);
            if (looks && HasPages(mm, Math.Max(vma.Start, start), at))
                return Errno.EIO;
        }

        return !isDefault && at < end ? Errno.EFAULT : Errno.None;
    }

    private bool HasPages(Mm mm, ulong start, ulong end)
    {
        for (ulong va = start; va < end; va += memory.Geometry.PageBytes)
        {
            PteSlot slot = memory.Tables.Find(mm, va);
            if (!slot.Exists)
                va = memory.Tables.SkipMissing(mm, va, end) - memory.Geometry.PageBytes;
            else if (mapper.IsMapped(memory.Tables.Read(slot)))
                return true;
        }

        return false;
    }

    private static Errno Apply(Mm mm, ulong start, ulong end, in MemoryPolicy policy, ref WorkCost cost)
    {
        ulong at = start;
        while (at < end && mm.Vmas.Tree.FindIntersection(at, end) is { } vma)
        {
            ulong from = Math.Max(vma.Start, at);
            at = Math.Min(vma.End, end);
            Errno error = mm.Vmas.ModifyPolicy(vma, from, at, policy);
            if (error != Errno.None)
                return error;
            cost.Vmas++;
        }

        return Errno.None;
    }
}
