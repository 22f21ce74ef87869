using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Userfault;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>UFFDIO_WRITEPROTECT: stores to pages of a range are told of from here on, or no more.</summary>
/// <remarks>
/// Linux: fs/userfaultfd.c: userfaultfd_writeprotect; mm/userfaultfd.c: mwriteprotect_range, uffd_wp_range, v6.18.
/// Linux keeps the mark in the page table; here the context knows its pages.
/// </remarks>
internal sealed class UserfaultProtect
{
    private const ulong Protects = 1, DontWake = 2;
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly UserStructs structs;
    private readonly UserfaultFill fill;

    internal UserfaultProtect(KernelMemory memory, PageMapper mapper, UserStructs structs, UserfaultFill fill)
    {
        this.memory = memory;
        this.mapper = mapper;
        this.structs = structs;
        this.fill = fill;
    }

    /// <summary>
    /// struct uffdio_writeprotect: start, length, mode. EFAULT; EINVAL: range or mode; ENOENT: nothing that was
    /// registered for it.
    /// </summary>
    internal IEnumerator<PageLookup> Invoke(CallProgress call, UserfaultContext context)
    {
        ulong[] words = new ulong[3];
        for (var read = structs.Read(call, call.Request.A2, words); read.MoveNext();)
            yield return read.Current;
        if (call.Copied < 24)
        {
            call.Fail(Errno.EFAULT);
            yield break;
        }

        ulong start = words[0], end = words[0] + words[1], mode = words[2];
        Errno error = fill.CheckRange(words[0], words[1]);
        if (error == Errno.None && (mode & ~(Protects | DontWake)) != 0)
            error = Errno.EINVAL;
        if (error == Errno.None && mode == (Protects | DontWake))
            error = Errno.EINVAL;
        if (error == Errno.None)
            error = Change(call, context, start, end, (mode & Protects) != 0);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        if (mode == 0)
            context.Wake(start, end);
        call.Return(0);
    }

    /// <summary>Stores to a page of a mapping that was registered for it are told of from here on.</summary>
    internal void Protect(CallProgress call, UserfaultContext context, Vma vma, ulong va, MmuGather gather) =>
        ChangePage(call, context, vma, va, protects: true, gather);

    private Errno Change(CallProgress call, UserfaultContext context, ulong start, ulong end, bool protects)
    {
        Errno error = Errno.ENOENT;
        Mm mm = context.Mm;
        MmuGather gather = memory.Coherence.Begin(mm);
        Vma? vma = mm.Vmas.Tree.FindIntersection(start, end);
        for (; vma is not null && vma.Start < end; vma = vma.Next)
        {
            error = Errno.ENOENT;
            if ((vma.Flags & VmFlags.UffdWp) == 0)
                break;
            ulong from = Math.Max(vma.Start, start), to = Math.Min(vma.End, end);
            ulong hugeMask = (vma.Flags & VmFlags.HugeTlb) != 0 ? Hugetlb.HugeMemory.BytesOf(vma) - 1 : 0;
            error = Errno.EINVAL;
            if (((start | (end - start)) & hugeMask) != 0)
                break;
            for (ulong va = from; va < to; va += memory.Geometry.PageBytes)
                ChangePage(call, context, vma, va, protects, gather);
            error = Errno.None;
        }

        call.Cost.FixedNs += memory.Coherence.Finish(mm, gather, call.At.Cpu, call.At.NowNs);
        return error;
    }

    // What is not there is marked where a marker can stand in its place. What is let go may be stored to at once if it
    // is the address space's own.
    private void ChangePage(
        CallProgress call, UserfaultContext context, Vma vma, ulong va, bool protects, MmuGather gather)
    {
        PteSlot slot = memory.Tables.Find(context.Mm, va);
        ulong entry = slot.Exists ? memory.Tables.Read(slot) : 0;
        ulong write = memory.Geometry.Format.Write;
        if (!protects)
        {
            bool wasProtected = context.Unprotect(va);
            bool isOwn = mapper.IsMapped(entry) && (memory.Map[mapper.PfnOf(entry)].Flags
                & MemMaps.PageFlags.AnonExclusive) != 0;
            if (wasProtected && isOwn && (vma.Flags & VmFlags.Write) != 0)
                mapper.Set(context.Mm, slot, va, entry | write, call.At);
            return;
        }

        if (entry == 0 && vma.Mapping is null && !context.ProtectsUnpopulated)
            return;
        context.Protect(va);
        if (!mapper.IsMapped(entry) || (entry & write) == 0)
            return;
        mapper.Set(context.Mm, slot, va, entry & ~write, call.At);
        gather.Touch(va >> memory.Geometry.PageShift);
    }
}
