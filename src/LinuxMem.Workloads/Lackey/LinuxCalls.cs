using LinuxMem.Abi;
using LinuxMem.Workloads.Inputs;
using LinuxMem.Workloads.Lackey.Cpu;

namespace LinuxMem.Workloads.Lackey;

/// <summary>
/// Turns the memory calls of a log into those that the program makes without valgrind: the kernel chooses where, and
/// what it chose is remembered.
/// </summary>
/// <param name="layout">The address space.</param>
/// <param name="files">What descriptors stand for.</param>
/// <param name="sysroot">Where files are found.</param>
/// <param name="variants">What natively runs in place of code of the log; null if that is the same.</param>
internal sealed class LinuxCalls(LinuxLayout layout, FileTable files, Sysroot sysroot, CodeVariants? variants)
{
    private const ulong PageBytes = 4096;
    private const ulong MremapFixed = 2;

    // glibc's malloc/arena.c: HEAP_MAX_SIZE; new_heap maps twice that much and trims it to its alignment.
    private const ulong ArenaBytes = 64UL << 20;

    private SyscallNr pending;
    private bool isAnonymous;
    private ulong fileOffset;
    private IReadOnlyList<CodePair> code = [];
    private ulong loggedStart;
    private ulong loggedEnd;
    private ulong loggedOld;
    private ulong loggedOldEnd;
    private (ulong Logged, ulong Native) arena;

    /// <summary>
    /// The call to make for a logged one; false for none: one that failed, that is valgrind's own, or no memory call.
    /// </summary>
    internal bool TryTranslate(LackeyCall call, out SyscallRequest request)
    {
        request = default;
        pending = default;
        if (!call.Succeeded)
            return false;
        switch ((SyscallNr)call.Nr)
        {
            case SyscallNr.Mmap:
                return Mmap(call, ref request);
            case SyscallNr.Munmap:
                return Munmap(call, ref request);
            case SyscallNr.Mprotect or SyscallNr.Madvise:
                return OnRange(call, ref request);
            case SyscallNr.Mremap:
                return Mremap(call, ref request);
            case SyscallNr.Brk:
                return Brk(call, ref request);
            default:
                return false;
        }
    }

    /// <summary>Takes the simulated kernel's answer to the last call translated.</summary>
    internal void TakeAnswer(in SyscallResult answer)
    {
        SyscallNr call = pending;
        pending = default;
        if (answer.IsError)
            return;
        ulong native = (ulong)answer.Value;
        switch (call)
        {
            case SyscallNr.Mmap:
                layout.Map.Set(loggedStart, loggedEnd, native);
                ExchangeCode(native);
                if (isAnonymous)
                    layout.NoteAnonymous(loggedStart, loggedEnd, native);
                if (loggedEnd - loggedStart == 2 * ArenaBytes)
                    arena = (loggedStart, native);
                break;
            case SyscallNr.Munmap:
                layout.Map.Remove(loggedStart, loggedEnd);
                break;
            case SyscallNr.Mremap:
                layout.Map.Remove(loggedOld, loggedOldEnd);
                layout.Map.Set(loggedStart, loggedEnd, native);
                break;
            case SyscallNr.Brk:
                layout.Map.Remove(loggedStart, Math.Max(loggedEnd, layout.HeapEnd));
                layout.Map.Set(loggedStart, loggedEnd, layout.NativeHeapStart);
                layout.HeapEnd = loggedEnd;
                break;
            default:
                break;
        }

        layout.Changed();
    }

    private bool Mmap(LackeyCall call, ref SyscallRequest request)
    {
        var flags = (MapFlags)call.Arg(3);
        bool anonymous = (flags & MapFlags.Anonymous) != 0;
        bool isFixed = (flags & (MapFlags.Fixed | MapFlags.FixedNoReplace)) != 0;
        string path = anonymous ? "" : files.PathOf(call.Arg(4));
        loggedStart = call.Result;
        loggedEnd = call.Result + PageUp(call.Arg(1));
        ulong hint = call.Arg(0);
        bool isInside = layout.Map.TryFind(hint, out MappedRange place);
        if (path.Contains(LinuxLayout.PreloadName, StringComparison.Ordinal)
            || (isFixed && isInside && place.IsDropped))
        {
            layout.Map.Set(loggedStart, loggedEnd, loggedStart, isDropped: true);
            layout.Changed();
            return false;
        }

        if (hint != 0 && isInside)
            hint = unchecked(hint + place.Delta);
        pending = SyscallNr.Mmap;
        isAnonymous = anonymous;
        // What the program mapped was there: a file that is shorter now has changed since.
        ExternalFile? file = anonymous ? null : sysroot.Find(path);
        bool runs = file is not null && ((ProtFlags)call.Arg(2) & ProtFlags.Exec) != 0;
        code = runs && variants is not null ? variants.In(path, file!) : [];
        fileOffset = call.Arg(5);
        if (file is not null)
            file = file with { SizeBytes = Math.Max(file.SizeBytes, call.Arg(5) + call.Arg(1)) };
        request = new SyscallRequest
        {
            Nr = SyscallNr.Mmap,
            A0 = hint,
            A1 = call.Arg(1),
            A2 = call.Arg(2),
            A3 = call.Arg(3),
            A4 = anonymous ? ulong.MaxValue : call.Arg(4),
            A5 = call.Arg(5),
            File = anonymous ? null : file?.RealPath ?? path,
            Operands = file is null ? null : new SyscallOperands { External = file },
        };
        return true;
    }

    // Where the program natively runs other code of the same mapping.
    private void ExchangeCode(ulong native)
    {
        ulong bytes = loggedEnd - loggedStart;
        foreach (CodePair pair in code)
        {
            if (pair.Start >= fileOffset && pair.End <= fileOffset + bytes && pair.Native >= fileOffset
                && pair.Native < fileOffset + bytes)
            {
                layout.Map.Set(loggedStart + (pair.Start - fileOffset), loggedStart + (pair.End - fileOffset),
                    native + (pair.Native - fileOffset));
            }
        }

        code = [];
    }

    private bool Munmap(LackeyCall call, ref SyscallRequest request)
    {
        ulong bytes = PageUp(call.Arg(1));
        loggedStart = call.Arg(0);
        loggedEnd = loggedStart + bytes;
        if (!TryRange(loggedStart, out ulong native))
        {
            layout.Map.Remove(loggedStart, loggedEnd);
            layout.Changed();
            return false;
        }

        pending = SyscallNr.Munmap;
        if (arena.Logged != 0 && TrimArena(ref native, ref bytes))
        {
            layout.Map.Remove(loggedStart, loggedEnd);
            layout.Changed();
            if (bytes == 0)
                return false;
        }

        request = new SyscallRequest { Nr = SyscallNr.Munmap, A0 = native, A1 = bytes };
        return true;
    }

    // A heap of malloc begins at a multiple of its largest size: which part of the mapping that is depends on where the
    // mapping lies, so the parts cut off are not those of the log.
    private bool TrimArena(ref ulong native, ref ulong bytes)
    {
        ulong logged = (arena.Logged + ArenaBytes - 1) & ~(ArenaBytes - 1);
        ulong wanted = (arena.Native + ArenaBytes - 1) & ~(ArenaBytes - 1);
        bool isBelow = loggedStart == arena.Logged && loggedEnd == logged;
        bool isAbove = loggedStart == logged + ArenaBytes && loggedEnd == arena.Logged + (2 * ArenaBytes);
        if (!isBelow && !isAbove)
            return false;
        layout.Map.Set(logged, logged + ArenaBytes, wanted);
        native = isBelow ? arena.Native : wanted + ArenaBytes;
        bytes = (isBelow ? wanted : arena.Native + (2 * ArenaBytes)) - native;
        if (isAbove)
            arena = default;
        return true;
    }

    private bool OnRange(LackeyCall call, ref SyscallRequest request)
    {
        if (!TryRange(call.Arg(0), out ulong native))
            return false;
        request = new SyscallRequest
        {
            Nr = (SyscallNr)call.Nr,
            A0 = native,
            A1 = call.Arg(1),
            A2 = call.Arg(2),
        };
        return true;
    }

    private bool Mremap(LackeyCall call, ref SyscallRequest request)
    {
        if (!TryRange(call.Arg(0), out ulong native))
            return false;
        loggedOld = call.Arg(0);
        loggedOldEnd = loggedOld + PageUp(call.Arg(1));
        loggedStart = call.Result;
        loggedEnd = call.Result + PageUp(call.Arg(2));
        pending = SyscallNr.Mremap;
        ulong target = 0;
        if ((call.Arg(3) & MremapFixed) != 0 && !TryRange(call.Arg(4), out target))
            target = call.Arg(4);
        request = new SyscallRequest
        {
            Nr = SyscallNr.Mremap,
            A0 = native,
            A1 = call.Arg(1),
            A2 = call.Arg(2),
            A3 = call.Arg(3),
            A4 = target,
        };
        return true;
    }

    private bool Brk(LackeyCall call, ref SyscallRequest request)
    {
        if (layout.HeapStart == 0)
            layout.HeapStart = call.Result;
        // Refused under valgrind, whose heap ends after 8 MiB; malloc's answer to that is in the log.
        if (call.Result < call.Arg(0))
            return false;
        ulong size = call.Result - layout.HeapStart;
        pending = SyscallNr.Brk;
        loggedStart = layout.HeapStart;
        loggedEnd = PageUp(call.Result);
        request = new SyscallRequest
        {
            Nr = SyscallNr.Brk,
            A0 = call.Arg(0) == 0 ? 0 : layout.NativeHeapStart + size,
        };
        return true;
    }

    private bool TryRange(ulong logged, out ulong native)
    {
        native = 0;
        if (!layout.Map.TryFind(logged, out MappedRange range) || range.IsDropped)
            return false;
        native = unchecked(logged + range.Delta);
        return true;
    }

    private static ulong PageUp(ulong bytes) => (bytes + PageBytes - 1) & ~(PageBytes - 1);
}
