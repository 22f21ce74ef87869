using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>set_mempolicy, get_mempolicy, migrate_pages, on a machine with one node.</summary>
/// <remarks>
/// Linux: mm/mempolicy.c: kernel_set_mempolicy, kernel_get_mempolicy, kernel_migrate_pages, get_nodes, v6.18.
/// </remarks>
public sealed class PolicyCalls
{
    private const ulong MaskBitsMax = 4096 * 8;
    private const ulong AsksNode = 1;
    private const ulong AsksAddress = 2;
    private const ulong AsksAllowed = 4;
    private readonly UserStructs structs;
    private readonly FileServices services;
    private readonly TaskTable table;

    /// <summary>Over one machine.</summary>
    public PolicyCalls(UserStructs structs, FileServices services, TaskTable table)
    {
        this.structs = structs;
        this.services = services;
        this.table = table;
    }

    /// <summary>The nodes that <see cref="TakeNodes"/> found, as bits.</summary>
    internal ulong Nodes { get; private set; }

    /// <summary>Whether a policy cannot be had for want of memory, on purpose; the usual one needs none.</summary>
    /// <remarks>Linux: mm/mempolicy.c: mpol_new, v6.18.</remarks>
    public bool IsRefused(in MemoryPolicy policy) =>
        policy.Mode != 0 && services.Memory.FaultSwitch.Fails(FaultSite.MpolNew);

    /// <summary>set_mempolicy(mode, mask, bits): EINVAL, EFAULT, ENOMEM.</summary>
    public IEnumerator<PageLookup> Set(CallProgress call)
    {
        for (var take = TakeNodes(call, call.Request.A1, call.Request.A2); take.MoveNext();)
            yield return take.Current;
        if (call.Result.IsError)
            yield break;
        Errno error = MemoryPolicy.TryMake((uint)call.Request.A0, Nodes, out MemoryPolicy policy);
        if (error == Errno.None && IsRefused(policy))
            error = Errno.ENOMEM;
        if (error != Errno.None)
            call.Fail(error);
        else
            call.Task.Policy = policy;
    }

    /// <summary>get_mempolicy(mode, mask, bits, address, flags): EINVAL, EFAULT.</summary>
    public IEnumerator<PageLookup> Get(CallProgress call)
    {
        ulong mode = call.Request.A0, mask = call.Request.A1, bits = call.Request.A2;
        ulong shown = call.Task.Policy.Shown;
        ulong named = call.Task.Policy.Nodes;
        Errno error = mask != 0 && bits < 1 ? Errno.EINVAL : Look(call, ref shown, ref named);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        call.Return(0);
        if (mode != 0)
        {
            for (var write = structs.Write(call, mode, UserStructs.Bytes(shown)[..4]); write.MoveNext();)
                yield return write.Current;
            if (call.Copied < 4)
                call.Fail(Errno.EFAULT);
        }

        if (mask == 0 || call.Result.IsError)
            yield break;
        ulong longs = (bits - 1 + 63) / 64;
        if (longs > MaskBitsMax / 64)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        byte[] bytes = new byte[longs * 8];
        if (longs > 0)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, named);
        for (var write = structs.Finish(call, mask, bytes); write.MoveNext();)
            yield return write.Current;
    }

    /// <summary>
    /// migrate_pages(pid, bits, from, to): nothing can be anywhere else. EINVAL, EFAULT, ESRCH, EPERM.
    /// </summary>
    public IEnumerator<PageLookup> Migrate(CallProgress call)
    {
        for (var take = TakeNodes(call, call.Request.A2, call.Request.A1); take.MoveNext();)
            yield return take.Current;
        if (call.Result.IsError)
            yield break;
        for (var take = TakeNodes(call, call.Request.A3, call.Request.A1); take.MoveNext();)
            yield return take.Current;
        if (call.Result.IsError)
            yield break;
        int pid = (int)call.Request.A0;
        TaskStruct? task = pid == 0 ? call.Task : table.Find(pid);
        Errno error = task is null ? Errno.ESRCH
            : ProcessVm.CheckAccess(call.Task, task) != Errno.None ? Errno.EPERM
            : Nodes != 1 && !call.Task.Credentials.Has(Capabilities.SysNice) ? Errno.EPERM
            : (Nodes & 1) == 0 ? Errno.EINVAL : Errno.None;
        if (error != Errno.None)
            call.Fail(error);
    }

    private Errno Look(CallProgress call, ref ulong shown, ref ulong named)
    {
        ulong address = call.Request.A3, flags = call.Request.A4;
        if ((flags & ~(AsksNode | AsksAddress | AsksAllowed)) != 0)
            return Errno.EINVAL;
        if ((flags & AsksAllowed) != 0)
        {
            (shown, named) = (0, 1);
            return (flags & (AsksNode | AsksAddress)) != 0 ? Errno.EINVAL : Errno.None;
        }

        if ((flags & AsksAddress) != 0)
        {
            if (call.Mm.Vmas.Tree.FindContaining(address) is not { } vma)
                return Errno.EFAULT;
            if ((flags & AsksNode) != 0 && !services.Users.MayPinFast(call, address))
                return Errno.EFAULT;
            // With AsksNode the answer is node 0.
            (shown, named) = (flags & AsksNode) != 0 ? (0, vma.Policy.Nodes) : (vma.Policy.Shown, vma.Policy.Nodes);
            return Errno.None;
        }

        const uint interleave = 3, weighted = 6;
        if (address != 0)
            return Errno.EINVAL;
        if ((flags & AsksNode) == 0)
            return Errno.None;
        shown = 0;
        return call.Task.Policy.Mode is interleave or weighted ? Errno.None : Errno.EINVAL;
    }

    // get_nodes: the mask has one bit less than its length says; nodes that cannot be are refused.
    internal IEnumerator<PageLookup> TakeNodes(CallProgress call, ulong address, ulong bits)
    {
        Nodes = 0;
        call.Return(0);
        bits--;
        if (bits == 0 || address == 0)
            yield break;
        if (bits > MaskBitsMax)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        ulong[] words = new ulong[(bits + 63) / 64];
        for (var read = structs.Read(call, address, words); read.MoveNext();)
            yield return read.Current;
        if (call.Copied < (ulong)words.Length * 8)
        {
            call.Fail(Errno.EFAULT);
            yield break;
        }

        if (bits % 64 != 0)
            words[^1] &= (1UL << (int)(bits % 64)) - 1;
        // There may be 1024 nodes; one that stands for all that are far away is enough to know of here.
        const int wordsKept = 16;
        Nodes = words[0];
        for (int i = 1; i < words.Length; i++)
        {
            if (words[i] == 0)
                continue;
            Nodes |= 1UL << 63;
            if (i >= wordsKept)
                call.Fail(Errno.EINVAL);
        }
    }
}
