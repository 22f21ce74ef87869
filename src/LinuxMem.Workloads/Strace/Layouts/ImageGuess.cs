using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Planning;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Layouts;

/// <summary>
/// The image that execve makes: from a known layout, moved where the log says it lay, or inferred from the first calls.
/// </summary>
/// <remarks>
/// The first brk(NULL) is the end of the program's image; the first mapping without a hint ends where the loader's and
/// the kernel's own mappings begin. Linux: fs/binfmt_elf.c: load_elf_binary, x86-64, v6.18.
/// </remarks>
internal static class ImageGuess
{
    private const ulong PageBytes = 4096;
    private const ulong FixedTop = 0x7fff_f7ff_f000;
    private const ulong FixedBase = 0x40_0000;
    private const ulong TopPart = 0x7000_0000_0000;

    // What a program that is loaded at a fixed place may have beyond the data of its first thread, where it never asks
    // for its break: those of Go do not.
    private const ulong BeyondThread = 8UL << 20;
    private const ulong StackTop = 0x7fff_ffff_f000;
    private const ulong StackBytes = 0x21000;

    // vvar, vvar_vclock and vdso of Linux 6.18: all that there is at the top for a program without a loader.
    private const ulong VvarBytes = 0x4000;
    private const ulong VclockBytes = 0x2000;
    private const ulong VdsoBytes = 0x2000;
    private const ulong KernelsBytes = VvarBytes + VclockBytes + VdsoBytes;

    // The loader, vdso and vvar of glibc 2.36 on Linux 6.18, where nothing is known.
    private const ulong LoaderBytes = 0x3d000;

    /// <summary>The image of an execve.</summary>
    /// <param name="script">The task's script; its next event is the first one of the new image.</param>
    /// <param name="known">The program's layout without randomisation; null if it is not known.</param>
    /// <param name="programBase">Where a position-independent program begins without randomisation.</param>
    internal static ImageSpec Make(TaskScript script, IReadOnlyList<ImageSegment>? known, ulong programBase)
    {
        Clues clues = Clues.Find(script);
        List<ImageSegment> segments = known is not null ? Moved(known, clues)
            : LoggedMaps.Find(script) ?? Inferred(clues, programBase);
        ulong brk = clues.Break != 0 ? clues.Break : EndOfProgram(segments);
        return new ImageSpec(0, 0, 0, false)
        {
            Segments = segments,
            BrkStart = brk,
            MmapBase = TopOf(segments, clues.Anchor),
        };
    }

    private static List<ImageSegment> Inferred(in Clues clues, ulong programBase)
    {
        var segments = new List<ImageSegment>();
        ulong end = clues.Break == 0 && clues.ThreadData != 0 ? Up(clues.ThreadData + BeyondThread) : Up(clues.Break);
        ulong start = end > ProgramBase.Usual && end - ProgramBase.Usual < 1UL << 32 ? programBase
            : end > FixedBase && end < 1UL << 32 ? FixedBase
            : end - Math.Min(end, 1UL << 20);
        // The break lies at random above the image; what the loader makes read-only is in the image itself.
        if (clues.Relro != 0 && clues.Relro < start)
        {
            const ulong around = 1UL << 20;
            start = clues.Relro - Math.Min(clues.Relro, around);
            end = Math.Min(end, clues.Relro + around);
        }

        const ProtFlags all = ProtFlags.Read | ProtFlags.Write | ProtFlags.Exec;
        if (end > start)
            segments.Add(new ImageSegment(start, end, all, 0, null, null));
        ulong anchor = clues.Anchor;
        if (clues.IsStatic && (anchor == 0 || anchor == FixedTop - KernelsBytes))
        {
            AddKernels(segments, FixedTop - KernelsBytes);
        }
        else
        {
            if (anchor == 0)
                anchor = FixedTop - LoaderBytes;
            ulong top = anchor < FixedTop && FixedTop - anchor <= 1UL << 20 ? FixedTop : anchor + LoaderBytes;
            // Where all of it has the size that it has on Linux 6.18, the kernel's own come first.
            if (top - anchor == LoaderBytes)
            {
                AddKernels(segments, anchor);
                anchor += KernelsBytes;
            }

            segments.Add(new ImageSegment(anchor, top, all, 0, null, null));
        }

        segments.Add(Stack());
        return segments;
    }

    private static void AddKernels(List<ImageSegment> segments, ulong at)
    {
        const ProtFlags code = ProtFlags.Read | ProtFlags.Exec;
        segments.Add(new ImageSegment(at, at += VvarBytes, ProtFlags.Read, 0, null, "[vvar]"));
        segments.Add(new ImageSegment(at, at += VclockBytes, ProtFlags.Read, 0, null, "[vvar_vclock]"));
        segments.Add(new ImageSegment(at, at + VdsoBytes, code, 0, null, "[vdso]"));
    }

    // Without randomisation nothing moves: then the loader's mappings already end where the log says.
    private static List<ImageSegment> Moved(IReadOnlyList<ImageSegment> known, in Clues clues)
    {
        ulong loader = LoaderStart(known);
        ulong loaderShift = clues.Anchor == 0 || loader == 0 ? 0 : clues.Anchor - loader;
        ulong programShift = loaderShift == 0 ? 0 : ProgramShift(known, clues);
        var segments = new List<ImageSegment>();
        foreach (ImageSegment segment in known)
        {
            ulong shift = segment.Name == "[stack]" || segment.Start >= StackTop ? 0
                : segment.Start >= loader && loader != 0 ? loaderShift : programShift;
            segments.Add(segment with { Start = segment.Start + shift, End = segment.End + shift });
        }

        return segments;
    }

    // The loader makes the program's relocated data read-only: the only such call of a page that nothing else explains.
    private static ulong ProgramShift(IReadOnlyList<ImageSegment> known, in Clues clues)
    {
        foreach (ImageSegment segment in known)
        {
            if (segment.File != known[0].File || (segment.Prot & ProtFlags.Write) == 0)
                continue;
            return clues.Relro == 0 ? 0 : clues.Relro - segment.Start;
        }

        return 0;
    }

    // The lowest of the mappings at the top: vvar, vdso, the loader.
    private static ulong LoaderStart(IReadOnlyList<ImageSegment> known)
    {
        ulong lowest = 0;
        foreach (ImageSegment segment in known)
        {
            bool above = segment.Start >= TopPart && segment.Start < StackTop && segment.Name != "[stack]";
            if (above && (lowest == 0 || segment.Start < lowest))
                lowest = segment.Start;
        }

        return lowest;
    }

    private static ulong EndOfProgram(List<ImageSegment> segments)
    {
        ulong end = 0;
        foreach (ImageSegment segment in segments)
        {
            if (segment.Start < TopPart)
                end = Math.Max(end, segment.End);
        }

        return end;
    }

    // With an unlimited stack mappings begin at a sixth of the address space, below the program.
    private static ulong TopOf(List<ImageSegment> segments, ulong anchor)
    {
        const ulong loaderMax = 16UL << 20;
        ulong top = 0;
        foreach (ImageSegment segment in segments)
        {
            bool isAbove = segment.Start >= TopPart
                || (anchor != 0 && segment.Start >= anchor && segment.Start - anchor < loaderMax);
            if (segment.Start < StackTop && segment.Name != "[stack]" && isAbove)
                top = Math.Max(top, segment.End);
        }

        return top == 0 ? FixedTop : top;
    }

    private static ImageSegment Stack() => new(StackTop - StackBytes, StackTop, ProtFlags.Read | ProtFlags.Write, 0,
        null, "[stack]");

    private static ulong Up(ulong address) => (address + PageBytes - 1) & ~(PageBytes - 1);

    /// <summary>What the first calls of an image tell.</summary>
    /// <param name="Break">The end of the program's image: the first answer of brk; 0 if there is none.</param>
    /// <param name="Anchor">Where the mappings at the top begin; 0 if nothing was mapped.</param>
    /// <param name="Relro">What mprotect made read-only first outside of what was mapped; 0 for nothing.</param>
    /// <param name="IsStatic">Whether it has no loader: it sets its thread pointer before it maps anything.</param>
    /// <param name="ThreadData">Where the first thread's data lie, if in the program's own; else 0.</param>
    private readonly record struct Clues(ulong Break, ulong Anchor, ulong Relro, bool IsStatic, ulong ThreadData)
    {
        internal static Clues Find(TaskScript script)
        {
            ulong brk = 0;
            ulong anchor = 0;
            ulong relro = 0;
            bool maps = false;
            bool isStatic = false;
            ulong threadData = 0;
            for (int i = script.Next; i < script.Events.Count; i++)
            {
                StraceEvent call = script.Events[i];
                if (call.Kind != StraceEventKind.Call || !call.Result.IsSuccess)
                    continue;
                var nr = (SyscallNr)call.Nr;
                if (nr is SyscallNr.Execve or SyscallNr.Execveat || StartsThread(call))
                    break;
                ulong address = call.Arguments.Count > 0 ? call[0].Number : 0;
                if (nr == SyscallNr.Brk && brk == 0)
                    brk = (ulong)call.Result.Value;
                else if (nr == SyscallNr.Mmap && anchor == 0 && IsPlacedAtTop(address, (ulong)call.Result.Value))
                    anchor = (ulong)call.Result.Value + Up(call[1].Number);
                else if (nr == SyscallNr.Mprotect && relro == 0 && address < TopPart
                    && (anchor == 0 || anchor >= TopPart || address >= anchor))
                    relro = address;
                maps |= nr is SyscallNr.Mmap or SyscallNr.Openat;
                isStatic |= nr == SyscallNr.ArchPrctl && !maps;
                if (nr == SyscallNr.ArchPrctl && call[1].Number is > FixedBase and < 1UL << 30)
                    threadData = call[1].Number;
                call.Forget();
                if (brk != 0 && anchor != 0 && (relro != 0 || anchor == FixedTop - LoaderBytes))
                    break;
            }

            return new Clues(brk, anchor, relro, isStatic, threadData);
        }

        // The kernel chose the place: no hint, or one that could not be followed.
        private static bool IsPlacedAtTop(ulong hint, ulong address) =>
            hint == 0 || (address >= TopPart && hint < TopPart);

        // What another task maps in the same memory would come first.
        private static bool StartsThread(StraceEvent call) =>
            CloneCall.IsOne(call) && (CloneCall.FlagsOf(call) & CloneFlags.Vm) != 0;
    }
}
