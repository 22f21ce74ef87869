using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>move_pages(pid, count, pages, nodes, status, flags), on a machine with one node.</summary>
/// <remarks>
/// Linux: mm/migrate.c: kernel_move_pages, do_pages_move, do_pages_stat_array, v6.18. Every page is on node 0 already.
/// </remarks>
public sealed class MovePages
{
    private const ulong Move = 2;
    private const ulong MoveAll = 4;
    private const ulong CountMax = 1 << 20;
    private readonly FileServices services;
    private readonly UserStructs structs;
    private readonly PageMapper mapper;
    private readonly TaskTable table;

    /// <summary>With the machine's services.</summary>
    public MovePages(FileServices services, UserStructs structs, PageMapper mapper, TaskTable table)
    {
        this.services = services;
        this.structs = structs;
        this.mapper = mapper;
        this.table = table;
    }

    /// <summary>
    /// Tells of each page where it is: 0, or a negated error. Operands: the nodes as words. EINVAL: flags; EPERM;
    /// ESRCH; EFAULT; ENODEV: a node that is not there; E2BIG: more than 2^20 pages.
    /// </summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        SyscallRequest r = call.Request;
        ulong flags = (uint)r.A5;
        Errno error = (flags & ~(Move | MoveAll)) != 0 ? Errno.EINVAL
            : (flags & MoveAll) != 0 && !call.Task.Credentials.Has(Capabilities.SysNice) ? Errno.EPERM : Errno.None;
        int pid = (int)r.A0;
        TaskStruct? task = pid == 0 ? call.Task : table.Find(pid);
        if (error == Errno.None)
            error = task is null ? Errno.ESRCH : ProcessVm.CheckAccess(call.Task, task);
        if (error == Errno.None && r.A1 > CountMax)
            error = Errno.E2BIG;
        call.Result = error == Errno.None ? default : SyscallResult.Fail(error);
        if (error != Errno.None || r.A1 == 0)
            yield break;

        byte[] pages = new byte[r.A1 * 8];
        bool unknown = call.Operands is { BuffersUnknown: true };
        for (var read = Take(call, r.A2, pages, unknown); read.MoveNext();)
            yield return read.Current;
        if (call.Result.IsError)
            yield break;
        if (r.A3 != 0)
        {
            byte[] nodes = new byte[r.A1 * 4];
            for (var read = Take(call, r.A3, nodes, unknown); read.MoveNext();)
                yield return read.Current;
            if (!call.Result.IsError && FirstOther(call.Operands?.Words, nodes) is { } other)
                call.Fail(other > 0 && r.A4 == 0 ? Errno.EFAULT : Errno.ENODEV); // of those before it it tells first
            if (call.Result.IsError)
                yield break;
        }

        if (r.A4 == 0)
            call.Fail(Errno.EFAULT);
        if (unknown || r.A4 == 0)
            yield break;
        byte[] status = new byte[r.A1 * 4];
        for (int i = 0; i < (int)r.A1; i++)
        {
            ulong va = BinaryPrimitives.ReadUInt64LittleEndian(pages.AsSpan(i * 8));
            BinaryPrimitives.WriteInt32LittleEndian(status.AsSpan(i * 4), StatusOf(task!.Mm, va));
        }

        for (var write = structs.Finish(call, r.A4, status); write.MoveNext();)
            yield return write.Current;
    }

    private IEnumerator<PageLookup> Take(CallProgress call, ulong address, byte[] into, bool unknown)
    {
        if (unknown)
            yield break;
        for (var copy = services.Copy.CopyFromUser(call, address, into); copy.MoveNext();)
            yield return copy.Current;
        if (call.Copied < (ulong)into.Length)
            call.Fail(Errno.EFAULT);
    }

    private static int? FirstOther(IReadOnlyList<ulong>? told, byte[] nodes)
    {
        int count = told?.Count ?? nodes.Length / 4;
        for (int i = 0; i < count; i++)
        {
            int node = told is not null ? (int)told[i] : BinaryPrimitives.ReadInt32LittleEndian(nodes.AsSpan(4 * i));
            if (node != 0)
                return i;
        }

        return null;
    }

    private int StatusOf(Mm mm, ulong va)
    {
        if (mm.Vmas.Tree.FindContaining(va) is null)
            return -(int)Errno.EFAULT;
        PteSlot slot = services.Memory.Tables.Find(mm, va & ~services.Memory.Geometry.PageOffsetMask);
        ulong entry = slot.Exists ? services.Memory.Tables.Read(slot) : 0;
        if (!mapper.IsMapped(entry))
            return -(int)Errno.ENOENT;
        return mapper.PfnOf(entry) == services.Memory.ZeroPage ? -(int)Errno.EFAULT : 0;
    }
}
