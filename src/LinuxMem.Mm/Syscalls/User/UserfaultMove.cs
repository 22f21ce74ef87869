using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Userfault;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>UFFDIO_MOVE: pages of the caller's own memory become those that are missing, without a copy.</summary>
/// <remarks>
/// Linux: fs/userfaultfd.c: userfaultfd_move; mm/userfaultfd.c: move_pages, validate_move_areas, move_pages_ptes,
/// v6.18.
/// </remarks>
internal sealed class UserfaultMove
{
    private const ulong DontWake = 1, AllowSourceHoles = 2;
    private readonly FileServices services;
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly AnonVmas anonVmas;
    private readonly UserStructs structs;
    private readonly UserfaultFill fill;
    private readonly PteFormat format;

    internal UserfaultMove(
        FileServices services, PageMapper mapper, AnonVmas anonVmas, UserStructs structs, UserfaultFill fill)
    {
        this.services = services;
        memory = services.Memory;
        this.mapper = mapper;
        this.anonVmas = anonVmas;
        this.structs = structs;
        this.fill = fill;
        format = memory.Geometry.Format;
    }

    /// <summary>
    /// struct uffdio_move: destination, source, length, mode, bytes moved. EFAULT; EINVAL: of another process; range or
    /// mode; mappings that do not fit together; ENOENT: nothing is mapped, or a page is missing; EEXIST: one is there;
    /// EBUSY: it is not the address space's alone; EAGAIN: less than all.
    /// </summary>
    internal IEnumerator<PageLookup> Invoke(CallProgress call, UserfaultContext context)
    {
        const ulong movedOffset = 32;
        ulong[] words = new ulong[4];
        for (var read = structs.Read(call, call.Request.A2, words); read.MoveNext();)
            yield return read.Current;
        if (call.Copied < 32)
        {
            call.Fail(Errno.EFAULT);
            yield break;
        }

        (ulong to, ulong from, ulong length, ulong mode) = (words[0], words[1], words[2], words[3]);
        Errno error = context.Mm != call.Mm ? Errno.EINVAL : fill.CheckRange(to, length);
        if (error == Errno.None)
            error = fill.CheckRange(from, length);
        if (error == Errno.None && (mode & ~(DontWake | AllowSourceHoles)) != 0)
            error = Errno.EINVAL;
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        ulong moved = 0;
        error = CheckMappings(context, to, from, length);
        if (error == Errno.None)
            error = MoveAll(call, context.Mm, to, from, length, (mode & AllowSourceHoles) != 0, out moved);
        long done = moved > 0 ? (long)moved : -(long)error;
        for (var write = structs.Write(call, call.Request.A2 + movedOffset, UserStructs.Bytes((ulong)done));
            write.MoveNext();)
            yield return write.Current;
        if (moved > 0 && (mode & DontWake) == 0)
            context.Wake(to, to + moved);
        call.Fail(moved == length ? Errno.None : moved > 0 ? Errno.EAGAIN : error);
    }

    private static Errno CheckMappings(UserfaultContext context, ulong to, ulong from, ulong length)
    {
        const VmFlags access = VmFlags.Read | VmFlags.Write | VmFlags.Exec | VmFlags.Locked;
        const VmFlags unfit = VmFlags.Shared | VmFlags.PfnMap | VmFlags.Io | VmFlags.HugeTlb;
        if (context.Mm.Vmas.Tree.FindContaining(to) is not { } target
            || context.Mm.Vmas.Tree.FindContaining(from) is not { } source)
            return Errno.ENOENT;
        bool fits = from + length <= source.End && to + length <= target.End
            && ((source.Flags | target.Flags) & unfit) == 0
            && ((source.Flags ^ target.Flags) & access) == 0 && (source.Flags & VmFlags.Write) != 0
            && (target.Flags & UserfaultRanges.Mask) != 0 && UserfaultRanges.Find(context.Mm, to) == context
            && source.IsAnonymous && target.IsAnonymous;
        return fits ? Errno.None : Errno.EINVAL;
    }

    private Errno MoveAll(
        CallProgress call, Mm mm, ulong to, ulong from, ulong length, bool mayMiss, out ulong moved)
    {
        moved = 0;
        Vma target = mm.Vmas.Tree.FindContaining(to)!, source = mm.Vmas.Tree.FindContaining(from)!;
        if (anonVmas.Prepare(target) is not { } owner)
            return Errno.ENOMEM;
        MmuGather gather = memory.Coherence.Begin(mm);
        var error = Errno.None;
        for (; moved < length && error == Errno.None; moved += error == Errno.None ? memory.Geometry.PageBytes : 0)
            error = MoveOne(call, source, from + moved, target, to + moved, owner, mayMiss, gather);
        call.Cost.FixedNs += memory.Coherence.Finish(mm, gather, call.At.Cpu, call.At.NowNs);
        return error;
    }

    private Errno MoveOne(CallProgress call, Vma source, ulong from, Vma target, ulong to, AnonVma owner, bool mayMiss,
        MmuGather gather)
    {
        Mm mm = call.Mm;
        PteSlot old = memory.Tables.Find(mm, from);
        if (!old.Exists && !mayMiss)
            return Errno.ENOENT;
        PteSlot slot = memory.Tables.FindOrAlloc(mm, to, call.At.Cpu, ref call.Cost);
        if (!slot.Exists)
            return Errno.ENOMEM;
        ulong there = memory.Tables.Read(slot);
        if (there != 0 || UserfaultRanges.IsMarked(mm, target, to, there))
            return Errno.EEXIST;
        ulong entry = old.Exists ? memory.Tables.Read(old) : 0;
        if (entry == 0)
        {
            return UserfaultRanges.IsMarked(mm, source, from, entry) ? Errno.EFAULT
                : mayMiss ? Errno.None : Errno.ENOENT;
        }

        Errno error = Adapt(target, to, owner, ref entry);
        if (error != Errno.None)
            return error;
        mapper.Set(mm, old, from, 0, call.At);
        gather.Touch(from >> memory.Geometry.PageShift);
        mapper.Set(mm, slot, to, entry, call.At);
        UserfaultRanges.Find(mm, from)?.Unprotect(from);
        TellMoved(mm, source, from, to);
        return Errno.None;
    }

    // What the entry becomes at the new place, where its page is the other mapping's.
    private Errno Adapt(Vma target, ulong to, AnonVma owner, ref ulong entry)
    {
        if (format.IsMarker(entry))
            return Errno.EFAULT;
        bool isSwap = format.IsSwap(entry);
        Pfn page = isSwap ? memory.Swap.FindCached(SwapPte.EntryOf(format, entry)) : mapper.PfnOf(entry);
        if (page == memory.ZeroPage)
            return Errno.None;
        bool isOwn = isSwap ? SwapPte.IsExclusive(format, entry)
            : memory.Map[page] is { Place: FramePlace.Anon, IsKsm: false } mapped
                && (mapped.Flags & PageFlags.AnonExclusive) != 0;
        if (!isOwn)
            return Errno.EBUSY;
        if (!page.IsNone)
        {
            ref PageFrame frame = ref memory.Map[page];
            frame.Owner = owner.Id;
            frame.Index = (uint)target.PageIndexOf(to);
        }

        if (!isSwap)
            entry |= format.Write;
        return Errno.None;
    }

    // Whoever compares contents hears it as a move of the page, which leaves fresh memory behind.
    private void TellMoved(Mm mm, Vma source, ulong from, ulong to)
    {
        ulong bytes = memory.Geometry.PageBytes;
        services.Observer.Moved(mm, from, to, bytes);
        services.Observer.Mapped(mm, from, from + bytes, null, false, source.PageIndexOf(from));
    }
}
