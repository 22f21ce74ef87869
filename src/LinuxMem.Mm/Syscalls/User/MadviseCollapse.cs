using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>madvise(addr, length, MADV_COLLAPSE): makes a huge page of each whole 2 MiB of the range.</summary>
/// <remarks>
/// Linux: mm/khugepaged.c: madvise_collapse, hpage_collapse_scan_pmd, collapse_file, v6.18, on a kernel without
/// READ_ONLY_THP_FOR_FS. Which memory can be collapsed is Linux's; the huge page is held in small ones, all of them
/// there afterwards. Mappings that may not be written get the zero page where nothing was, those that allow nothing get
/// no pages.
/// </remarks>
public sealed class MadviseCollapse
{
    private const ulong HugeBytes = 2UL << 20;
    private const int HugePages = 512;
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly UserPages users;
    private readonly Madvise madvise;

    /// <summary>With the machine's services.</summary>
    public MadviseCollapse(FileServices services, PageMapper mapper, Madvise madvise)
    {
        memory = services.Memory;
        users = services.Users;
        this.mapper = mapper;
        this.madvise = madvise;
    }

    /// <summary>
    /// EINVAL: bad arguments, memory that could never be in a huge page, or that nobody has written to yet; ENOMEM:
    /// holes, or too little free memory.
    /// </summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        var context = new SyscallContext(call.Task, call.Request, call.At);
        if (!madvise.TryRange(context, out ulong start, out ulong end, out _))
            return FileServices.Fail(call, Errno.EINVAL);
        return Run(call, call.Mm, start, end);
    }

    /// <summary>The same for a range of any address space.</summary>
    public IEnumerator<PageLookup> Run(CallProgress call, Mm mm, ulong start, ulong end)
    {
        bool hasHoles = false;
        // What is copied and zeroed here is nobody's fault.
        call.IsTracers = true;
        call.Return(0);
        while (start < end)
        {
            Vma? vma = mm.Vmas.Tree.Find(start);
            hasHoles |= vma is null || vma.Start > start;
            if (vma is null || vma.Start >= end)
                break;
            start = Math.Max(start, vma.Start);
            ulong upTo = Math.Min(vma.End, end);
            for (var steps = Visit(call, mm, vma, start, upTo); steps.MoveNext();)
                yield return steps.Current;
            if (call.Result.IsError)
                yield break;
            start = upTo;
        }

        if (hasHoles)
            call.Fail(Errno.ENOMEM);
    }

    private IEnumerator<PageLookup> Visit(CallProgress call, Mm mm, Vma vma, ulong start, ulong end)
    {
        const ulong mask = HugeBytes - 1;
        ulong first = (start + mask) & ~mask, last = end & ~mask;
        if (!MayHold(mm, vma) || first > last)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        for (ulong va = first; va < last; va += HugeBytes)
        {
            for (var steps = Collapse(call, mm, vma, va); steps.MoveNext();)
                yield return steps.Current;
            if (call.Result.IsError)
                yield break;
        }
    }

    // Linux: mm/huge_memory.c: __thp_vma_allowable_orders, vma_thp_disabled (TVA_FORCED_COLLAPSE), v6.18.
    private static bool MayHold(Mm mm, Vma vma)
    {
        const ulong mask = HugeBytes - 1;
        const int disabled = 1, exceptAdvised = 2;
        const VmFlags never = VmFlags.Special | VmFlags.NoHugePage | VmFlags.HugeTlb;
        ulong low = (vma.Start + mask) & ~mask;
        if ((vma.Flags & never) != 0 || low + HugeBytes > (vma.End & ~mask))
            return false;
        if ((mm.ThpDisabled & (disabled | exceptAdvised)) == disabled)
            return false;
        return vma.Mapping is null || (vma.Mapping.IsShmem && vma.Mapping is not { Host.IsSecret: true });
    }

    private IEnumerator<PageLookup> Collapse(CallProgress call, Mm mm, Vma vma, ulong va)
    {
        bool found = false;
        if (vma.Mapping is { } mapping)
        {
            uint index = (uint)vma.PageIndexOf(va);
            yield return new PageLookup(mapping, index, HugePages, Present: true);
            found = call.Pages.Length > 0 && call.Pages[0] != 0 && vma.AnonVma is null;
        }
        else
        {
            found = vma.AnonVma is not null && HasEntries(mm, va);
        }

        Errno error = !found ? Errno.EINVAL
            : memory.Allocator.PagesAboveMin < HugePages ? Errno.ENOMEM : Errno.None;
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        bool writes = (vma.Flags & VmFlags.Write) != 0 && vma.Mapping is null;
        if ((vma.Flags & VmFlags.AccessMask) == 0)
            yield break;
        for (ulong at = va; at < va + HugeBytes; at += memory.Geometry.PageBytes)
        {
            if (vma.Mapping is { } file && vma.PageIndexOf(at) >= file.EndIndex)
                yield break;
            if (IsThere(mm, at, writes))
                continue;
            AccessKind kind = writes ? AccessKind.Write : AccessKind.Read;
            for (var reach = users.Reach(call, mm, at, kind, waitsForMemory: false); reach.MoveNext();)
                yield return reach.Current;
            if (!call.Reached.IsNone)
                continue;
            call.Fail(Errno.ENOMEM);
            yield break;
        }
    }

    private bool IsThere(Mm mm, ulong va, bool writes)
    {
        PteSlot slot = memory.Tables.Find(mm, va);
        ulong entry = slot.Exists ? memory.Tables.Read(slot) : 0;
        return mapper.IsMapped(entry) && !(writes && mapper.PfnOf(entry) == memory.ZeroPage);
    }

    private bool HasEntries(Mm mm, ulong va)
    {
        for (ulong at = va; at < va + HugeBytes; at += memory.Geometry.PageBytes)
        {
            PteSlot slot = memory.Tables.Find(mm, at);
            if (!slot.Exists)
                return false;
            if (memory.Tables.Read(slot) != 0)
                return true;
        }

        return false;
    }
}
