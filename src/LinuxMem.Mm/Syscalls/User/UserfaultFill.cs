using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Userfault;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>The ioctls of userfaultfd that supply pages: UFFDIO_COPY, ZEROPAGE, CONTINUE, POISON, WAKE.</summary>
/// <remarks>
/// Linux: fs/userfaultfd.c: userfaultfd_copy, userfaultfd_zeropage, userfaultfd_continue, userfaultfd_wake;
/// mm/userfaultfd.c: mfill_atomic, v6.18.
/// </remarks>
internal sealed class UserfaultFill
{
    private const ulong DontWake = 1, WriteProtect = 2;
    private readonly FileServices services;
    private readonly UserStructs structs;
    private readonly PageMapper mapper;
    private readonly ulong pageMask;

    internal UserfaultFill(FileServices services, UserStructs structs, PageMapper mapper)
    {
        this.mapper = mapper;
        this.services = services;
        this.structs = structs;
        pageMask = services.Memory.Geometry.PageOffsetMask;
    }

    /// <summary>Carries one of them out.</summary>
    internal IEnumerator<PageLookup> Invoke(CallProgress call, UserfaultContext context, uint command)
    {
        // start, length, mode, done; with COPY destination, source, length, mode, done.
        int count = command == UserfaultCommand.Wake ? 2 : command == UserfaultCommand.Copy ? 4 : 3;
        ulong[] words = new ulong[count];
        for (var read = structs.Read(call, call.Request.A2, words); read.MoveNext();)
            yield return read.Current;
        if (call.Copied < (ulong)count * 8)
        {
            call.Fail(Errno.EFAULT);
            yield break;
        }

        bool copies = command == UserfaultCommand.Copy;
        ulong start = words[0], length = words[copies ? 2 : 1];
        ulong mode = command == UserfaultCommand.Wake ? 0 : words[count - 1];
        Errno error = copies ? CheckSource(words[1], length) : Errno.None;
        if (error == Errno.None)
            error = CheckRange(start, length);
        if (error == Errno.None && (mode & ~(copies ? DontWake | WriteProtect : DontWake)) != 0)
            error = Errno.EINVAL;
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        long done = (long)length;
        if (command != UserfaultCommand.Wake)
        {
            ulong filled = 0;
            error = CheckMapping(context, start, length, mode, command);
            for (ulong va = start; error == Errno.None && va < start + length; va += pageMask + 1)
            {
                for (var steps = Fill(call, context.Mm, va, copies ? words[1] + (va - start) : null,
                    command); steps.MoveNext();)
                    yield return steps.Current;
                error = call.ReadError;
                if (error == Errno.None && (mode & WriteProtect) != 0 && copies)
                    Protect(call, context, va);
                filled += error == Errno.None ? pageMask + 1 : 0;
            }

            call.ReadError = Errno.None;
            done = filled > 0 ? (long)filled : error == Errno.None ? 0 : -(long)error;
            byte[] answer = UserStructs.Bytes((ulong)done);
            for (var write = structs.Write(call, call.Request.A2 + ((ulong)count * 8), answer); write.MoveNext();)
                yield return write.Current;
        }

        if (done > 0 && (mode & DontWake) == 0)
            context.Wake(start, start + (ulong)done);
        call.Result = done < 0 ? new SyscallResult(done)
            : (ulong)done == length ? default : SyscallResult.Fail(Errno.EAGAIN);
    }

    /// <summary>EINVAL: no whole pages, nothing, or beyond the user's part.</summary>
    /// <remarks>Linux: fs/userfaultfd.c: validate_unaligned_range, validate_range, v6.18.</remarks>
    internal Errno CheckRange(ulong start, ulong length)
    {
        bool isWrong = ((start | length) & pageMask) != 0 || length == 0
            || !services.Users.IsUserRange(start, length);
        return isWrong ? Errno.EINVAL : Errno.None;
    }

    private Errno CheckSource(ulong from, ulong length) => CheckRange(from & ~pageMask, length) is var error
        && error == Errno.None && !services.Users.IsUserRange(from, length) ? Errno.EINVAL : error;

    private static Errno CheckMapping(UserfaultContext context, ulong start, ulong length, ulong mode, uint command)
    {
        Vma? vma = context.Mm.Vmas.Tree.FindContaining(start);
        if (vma is null || start + length > vma.End || (vma.Flags & UserfaultRanges.Mask) == 0)
            return Errno.ENOENT;
        if ((vma.Flags & (VmFlags.Shared | VmFlags.HugeTlb)) == VmFlags.HugeTlb && command == UserfaultCommand.ZeroPage)
            return Errno.EINVAL;
        if ((mode & WriteProtect) != 0 && (vma.Flags & VmFlags.UffdWp) == 0)
            return Errno.EINVAL;
        return command == UserfaultCommand.Continue && vma.Mapping is null ? Errno.EINVAL : Errno.None;
    }

    // Nobody can have stored to the page yet.
    private void Protect(CallProgress call, UserfaultContext context, ulong va)
    {
        context.Protect(va);
        PteSlot slot = services.Memory.Tables.Find(context.Mm, va);
        ulong entry = slot.Exists ? services.Memory.Tables.Read(slot) : 0;
        if (mapper.IsMapped(entry))
            mapper.Set(context.Mm, slot, va, entry & ~services.Memory.Geometry.Format.Write, call.At);
    }

    // Accesses are a memory error from here on, of children too. EEXIST where anything is, be it a mark.
    private Errno Poison(CallProgress call, Mm mm, Vma vma, ulong va)
    {
        if (vma.Mapping is { IsShmem: true, Host: { } host } && vma.PageIndexOf(va) >= host.EndIndex)
            return Errno.EFAULT;
        PteSlot slot = services.Memory.Tables.FindOrAlloc(mm, va, call.At.Cpu, ref call.Cost);
        if (!slot.Exists)
            return Errno.ENOMEM;
        ulong entry = services.Memory.Tables.Read(slot);
        if (entry != 0 || UserfaultRanges.IsMarked(mm, vma, va, entry))
            return Errno.EEXIST;
        mapper.Set(mm, slot, va, mapper.PoisonEntry, call.At);
        return Errno.None;
    }

    // EEXIST where a page is; what went wrong is left in ReadError.
    private IEnumerator<PageLookup> Fill(CallProgress call, Mm mm, ulong va, ulong? source, uint command)
    {
        byte[] bytes = new byte[pageMask + 1];
        bool continues = command == UserfaultCommand.Continue;
        call.ReadError = Errno.None;
        if (source is { } from && call.Operands is not { BuffersUnknown: true })
        {
            for (var copy = services.Copy.CopyFromUser(call, from, bytes); copy.MoveNext();)
                yield return copy.Current;
            if (call.Copied < (ulong)bytes.Length)
                call.ReadError = Errno.EFAULT;
        }

        Vma? vma = mm.Vmas.Tree.FindContaining(va);
        if (vma is not null && command == UserfaultCommand.Poison)
        {
            call.ReadError = Poison(call, mm, vma, va);
            yield break;
        }

        PteSlot slot = services.Memory.Tables.Find(mm, va);
        ulong there = slot.Exists ? services.Memory.Tables.Read(slot) : 0;
        // What was poisoned is made good by a copy, and by nothing else.
        if (call.ReadError == Errno.None && there == mapper.PoisonEntry && source is not null)
            mapper.Set(mm, slot, va, 0, call.At);
        else if (call.ReadError == Errno.None && there != 0)
            call.ReadError = Errno.EEXIST;
        if (call.ReadError == Errno.None && vma?.Mapping is { } mapping)
        {
            yield return new PageLookup(mapping, (uint)vma.PageIndexOf(va), 1);
            bool isThere = call.Pages.Length > 0 && call.Pages[0] != 0;
            bool isPrivate = (vma.Flags & VmFlags.Shared) == 0;
            if (continues != isThere && !(isPrivate && !continues))
                call.ReadError = continues ? Errno.EFAULT : Errno.EEXIST;
        }

        if (call.ReadError != Errno.None || vma is null)
            yield break;
        bool writes = source is not null && (vma.Flags & VmFlags.Write) != 0;
        mm.UserfaultFill = va;
        bool wasTracers = call.IsTracers;
        call.IsTracers = true; // it is nobody's fault
        for (var reach = services.Users.Reach(call, mm, va, writes ? AccessKind.Write : AccessKind.Read,
            waitsForMemory: false); reach.MoveNext();)
            yield return reach.Current;
        call.IsTracers = wasTracers;
        mm.UserfaultFill = null;
        if (call.Reached.IsNone)
            call.ReadError = Errno.ENOMEM;
        else if (writes)
            Store(mm, va, call.Reached, bytes);
    }

    private void Store(Mm mm, ulong va, Pfn page, byte[] bytes) => services.Copy.StorePage(mm, va, page, bytes);
}
