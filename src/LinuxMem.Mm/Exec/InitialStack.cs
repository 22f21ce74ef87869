using System.Buffers.Binary;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Mm.Exec;

/// <summary>Builds the stack that a program starts with: strings, auxiliary vector, pointers, argument count.</summary>
/// <remarks>
/// Linux: fs/exec.c: setup_arg_pages; fs/binfmt_elf.c: create_elf_tables; arch/x86/include/asm/elf.h: ARCH_DLINFO,
/// v6.18. The processor's features in the vector are those of the machine that made the reference logs.
/// </remarks>
public sealed class InitialStack
{
    private const ulong ExpandBytes = 128 << 10;
    private const ulong WordBytes = 8;
    private const int RandomBytes = 16;
    private static readonly byte[] Platform = "x86_64\0"u8.ToArray();
    private readonly PagingGeometry geometry;
    private readonly IMmObserver observer;
    private readonly ulong seed;

    /// <summary>Of one machine.</summary>
    /// <param name="geometry">Its paging.</param>
    /// <param name="observer">Hears of the mapping.</param>
    /// <param name="seed">Seed of the run: AT_RANDOM is drawn from it.</param>
    public InitialStack(PagingGeometry geometry, IMmObserver observer, ulong seed)
    {
        this.geometry = geometry;
        this.observer = observer;
        this.seed = seed;
    }

    /// <summary>
    /// Maps the stack and has the strings written: 128 KiB more than they need, as far as the limit allows.
    /// </summary>
    public bool TryMap(ExecProgress exec, ExecPlan plan)
    {
        Mm mm = exec.Mm;
        ulong top = exec.Randomness.StackTop;
        ulong used = PageUp(plan.Strings.Below);
        ulong limit = mm.Limits.StackBytes & ~geometry.PageOffsetMask;
        ulong bytes = Math.Max(used, Math.Min(limit, used + ExpandBytes));
        if (bytes >= top - mm.Vmas.Tree.Lowest)
            return false;
        VmFlags flags = VmFlagsOf.Data | VmFlags.GrowsDown;
        if (plan.Program.HasExecutableStack)
            flags |= VmFlags.Exec;
        ulong bottom = top - bytes;
        if (mm.Vmas.TryMap(bottom, top, flags, bottom >> geometry.PageShift, null, null) is null)
            return false;
        exec.Cost.Vmas++;
        observer.Mapped(mm, bottom, top, null, false, bottom >> geometry.PageShift);
        mm.StackTop = top;
        foreach ((ulong below, byte[] text) in plan.Strings.Strings)
            exec.Write(top - below, text);
        return true;
    }

    /// <summary>Has the rest written below the strings, and sets the bounds of the image.</summary>
    public bool TryFill(ExecProgress exec, ExecPlan plan, ulong bias, ulong interpreterBias, in ElfExtent extent)
    {
        Mm mm = exec.Mm;
        ArgumentStack strings = plan.Strings;
        ulong top = mm.StackTop;
        ulong p = (top - strings.Below - exec.Randomness.StackPointerOffset) & ~15UL;
        p -= (ulong)Platform.Length;
        ulong platform = p;
        exec.Write(platform, Platform);
        p -= RandomBytes;
        ulong random = p;
        exec.Write(random, Draw(mm));
        ulong[] vector = Vector(mm, plan, bias, interpreterBias, random, platform);
        int items = 3 + strings.Arguments.Count + strings.Environment.Count;
        ulong pointer = (p - (((ulong)vector.Length + (ulong)items) * WordBytes)) & ~15UL;
        byte[] words = new byte[((ulong)items + (ulong)vector.Length) * WordBytes];
        int at = 0;
        Put(words, ref at, (ulong)strings.Arguments.Count);
        foreach (ulong below in strings.Arguments)
            Put(words, ref at, top - below);
        Put(words, ref at, 0);
        foreach (ulong below in strings.Environment)
            Put(words, ref at, top - below);
        Put(words, ref at, 0);
        foreach (ulong word in vector)
            Put(words, ref at, word);
        exec.Write(pointer, words);
        ulong argEnd = strings.Environment.Count > 0 ? strings.Environment[0] : strings.EnvironmentEndBelow;
        mm.Bounds = new ImageBounds(extent.StartCode, extent.EndCode, extent.StartData, extent.EndData, pointer,
            top - strings.Below, top - argEnd, top - argEnd, top - strings.EnvironmentEndBelow);
        mm.AuxiliaryVector = vector;
        return TryExtend(exec, pointer);
    }

    private bool TryExtend(ExecProgress exec, ulong pointer)
    {
        Vma? vma = exec.Mm.Vmas.Tree.Find(exec.Mm.StackTop - 1);
        ulong start = pointer & ~geometry.PageOffsetMask;
        if (vma is null || vma.Start <= start)
            return vma is not null;
        if (exec.Mm.StackTop - start > exec.Mm.Limits.StackBytes
            || exec.Mm.Vmas.Tree.FindIntersection(start, vma.Start) is not null)
            return false;
        ulong oldStart = vma.Start;
        exec.Mm.Vmas.Expand(vma, start, vma.End);
        observer.Mapped(exec.Mm, start, oldStart, null, false, vma.PgOff);
        return true;
    }

    private ulong[] Vector(
        Mm mm, ExecPlan plan, ulong bias, ulong interpreterBias, ulong random, ulong platform) =>
    [
        33, mm.Vdso, // AT_SYSINFO_EHDR
        51, 1776, // AT_MINSIGSTKSZ
        16, 0x178bfbff, // AT_HWCAP
        6, geometry.PageBytes, // AT_PAGESZ
        17, 100, // AT_CLKTCK
        3, plan.Program.HeadersAddress() + bias, // AT_PHDR
        4, 56, // AT_PHENT
        5, (ulong)plan.Program.HeaderCount, // AT_PHNUM
        7, interpreterBias, // AT_BASE
        8, 0, // AT_FLAGS
        9, plan.Program.Entry + bias, // AT_ENTRY
        11, 0, // AT_UID
        12, 0, // AT_EUID
        13, 0, // AT_GID
        14, 0, // AT_EGID
        23, 0, // AT_SECURE
        25, random, // AT_RANDOM
        26, 2, // AT_HWCAP2
        31, mm.StackTop - plan.Strings.FileNameBelow, // AT_EXECFN
        15, platform, // AT_PLATFORM
        27, 28, // AT_RSEQ_FEATURE_SIZE
        28, 32, // AT_RSEQ_ALIGN
        0, 0, // AT_NULL
    ];

    private byte[] Draw(Mm mm)
    {
        var stream = new RandomStream(RandomStream.Derive(seed, "auxv", (ulong)mm.Id));
        byte[] bytes = new byte[RandomBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, stream.Next());
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), stream.Next());
        return bytes;
    }

    private static void Put(byte[] words, ref int at, ulong word)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(words.AsSpan(at), word);
        at += (int)WordBytes;
    }

    private ulong PageUp(ulong bytes) => (bytes + geometry.PageOffsetMask) & ~geometry.PageOffsetMask;
}
