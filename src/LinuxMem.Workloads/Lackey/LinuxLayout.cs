using LinuxMem.Abi;

namespace LinuxMem.Workloads.Lackey;

/// <summary>
/// One address space of a replay that is laid out as Linux would: what the log has at valgrind's addresses is found at
/// those that the simulated kernel chose.
/// </summary>
/// <remarks>
/// Valgrind 3.19 puts a position-independent program at 0x108000, its loader at 0x4000000, the heap behind the loader,
/// the stack below 0x1fff001000. Mapping calls tell of the rest.
/// </remarks>
internal sealed class LinuxLayout
{
    /// <summary>What the path of a library has in it that valgrind preloads into every program.</summary>
    internal const string PreloadName = "/vgpreload_";

    // What ld.so allocates for that library: struct link_map, names, places in lists; glibc 2.36.
    private const ulong PreloadBytes = 0x4d0;
    private const ulong ProgramBase = 0x108000;
    private const ulong LoaderBase = 0x4000000;
    private const ulong StackStart = 0x1ff0000000;
    private const ulong StackEnd = 0x1fff001000;
    private const ulong WordBytes = 8;

    // glibc 2.36: struct pthread: robust_head is at 0x2e0, rseq_area at 0x920.
    private const ulong RseqAfterRobustList = 0x640;
    private const ulong RseqBytes = 32;
    private const ulong SpecialPagesBelowVdso = 6;
    private const ulong VdsoPages = 2;
    private readonly ulong pageBytes;
    private ImageLayout image;
    private ulong robustList;
    private bool hasStack;
    private bool preloads;
    private bool readsClock;
    private MappedRange code;
    private MappedRange data;

    /// <summary>Of an image that has yet to begin, or a copy.</summary>
    internal LinuxLayout(int pageShift)
    {
        pageBytes = 1UL << pageShift;
        Map = new AddressMap();
    }

    private LinuxLayout(LinuxLayout other)
    {
        pageBytes = other.pageBytes;
        Map = other.Map.Copy();
        image = other.image;
        robustList = other.robustList;
        hasStack = other.hasStack;
        preloads = other.preloads;
        readsClock = other.readsClock;
        HeapStart = other.HeapStart;
        HeapEnd = other.HeapEnd;
    }

    /// <summary>Where things are.</summary>
    internal AddressMap Map { get; }

    /// <summary>Where the log has the heap begin; 0 until a call has told.</summary>
    internal ulong HeapStart { get; set; }

    /// <summary>Where the log has it end, in whole pages; 0 until a call has told.</summary>
    internal ulong HeapEnd { get; set; }

    /// <summary>Where the simulated kernel has it begin.</summary>
    internal ulong NativeHeapStart => image.BrkStart;

    /// <summary>Accesses to what is valgrind's own.</summary>
    internal long Dropped { get; private set; }

    /// <summary>Accesses to what the log does not tell to be mapped.</summary>
    internal long Unknown { get; private set; }

    /// <summary>The layout of a forked child.</summary>
    internal LinuxLayout Copy() => new(this);

    /// <summary>Takes note of an image that execve has laid out.</summary>
    internal void Begin(in ImageLayout layout)
    {
        image = layout;
        ulong start = layout.LoadBias == 0 ? layout.FileStart : ProgramBase;
        Map.Set(start, start + (layout.FileEnd - layout.FileStart), layout.FileStart);
        if (layout.InterpreterStart != 0)
            Map.Set(LoaderBase, LoaderBase + (layout.InterpreterEnd - layout.InterpreterStart),
                layout.InterpreterStart);
        if (layout.Vdso == 0)
            return;
        // No log has such addresses: they stand for themselves.
        ulong special = layout.Vdso - (SpecialPagesBelowVdso * pageBytes);
        Map.Set(special, layout.Vdso + (VdsoPages * pageBytes), special);
    }

    /// <summary>
    /// What the start of a program touches natively but not under valgrind, which hides the vdso: its headers.
    /// </summary>
    internal void CollectStart(List<UserRange> ranges)
    {
        if (image.Vdso != 0)
            ranges.Add(new UserRange(AccessKind.Read, image.Vdso, WordBytes));
    }

    /// <summary>
    /// What a question for the time touches natively: code of the vdso and, the first time, the kernel's clock data.
    /// </summary>
    internal void CollectClock(LackeyCall call, List<UserRange> ranges)
    {
        const int gettimeofday = 96, time = 201, clockGettime = 228;
        if (readsClock || image.Vdso == 0 || call.Nr is not (gettimeofday or time or clockGettime))
            return;
        readsClock = true;
        ranges.Add(new UserRange(AccessKind.Execute, image.Vdso, 1));
        ranges.Add(new UserRange(
            AccessKind.Read, image.Vdso - (SpecialPagesBelowVdso * pageBytes), WordBytes));
    }

    /// <summary>Takes note of a call that may open the preloaded library.</summary>
    internal void NotePath(string? path) =>
        preloads |= path is not null && path.Contains(PreloadName, StringComparison.Ordinal);

    /// <summary>
    /// Takes note of an anonymous mapping. The first holds what ld.so allocates; behind the library that valgrind
    /// preloads everything lies lower natively, so that its last page is often not reached.
    /// </summary>
    internal void NoteAnonymous(ulong start, ulong end, ulong native)
    {
        if (preloads && end - start > pageBytes)
            Map.Set(start + pageBytes, end, native + pageBytes - PreloadBytes);
        preloads = false;
    }

    /// <summary>Takes note of where a thread's control block is.</summary>
    internal void NoteRobustList(ulong address) => robustList = address;

    /// <summary>
    /// What the kernel writes when a task returns from fork: its CPU number in the area of restartable sequences, which
    /// glibc registers natively but valgrind does not know.
    /// </summary>
    internal void CollectRseq(List<UserRange> ranges)
    {
        if (robustList != 0)
            ranges.Add(new UserRange(AccessKind.Write, robustList + RseqAfterRobustList, RseqBytes));
    }

    /// <summary>Translates packed accesses in place; those that lead nowhere are left out.</summary>
    /// <returns>How many are left.</returns>
    internal int Translate(Span<ulong> packed)
    {
        int kept = 0;
        for (int i = 0; i < packed.Length; i++)
        {
            ulong entry = packed[i];
            ulong va = ScatterEntry.AddressOf(entry);
            AccessKind kind = ScatterEntry.KindOf(entry);
            ref MappedRange hit = ref kind == AccessKind.Execute ? ref code : ref data;
            if (!hit.Contains(va) && !TryFind(va, kind, ref hit))
                continue;
            if (hit.IsDropped)
            {
                Dropped++;
                continue;
            }

            packed[kept++] = ScatterEntry.Pack(BelowStackTop(unchecked(va + hit.Delta)), kind);
        }

        return kept;
    }

    /// <summary>Translates one address; false if it leads nowhere.</summary>
    internal bool TryTranslate(ulong va, AccessKind kind, out ulong native)
    {
        native = 0;
        var hit = default(MappedRange);
        if (!TryFind(va, kind, ref hit))
            return false;
        if (hit.IsDropped)
        {
            Dropped++;
            return false;
        }

        native = BelowStackTop(unchecked(va + hit.Delta));
        return true;
    }

    /// <summary>Forgets what was found last: the map has changed.</summary>
    internal void Changed()
    {
        code = default;
        data = default;
    }

    private bool TryFind(ulong va, AccessKind kind, ref MappedRange hit)
    {
        if (!hasStack && va is >= StackStart and < StackEnd)
            SetStack(va, kind);
        if (Map.TryFind(va, out hit))
            return true;
        Unknown++;
        return false;
    }

    // The first access to the stack is that of the entry point: a call stores below the stack pointer, a static
    // program pops the argument count at it.
    private void SetStack(ulong va, AccessKind kind)
    {
        hasStack = true;
        ulong logged = kind == AccessKind.Write ? va + WordBytes : va;
        Map.Set(StackStart, StackEnd, unchecked(image.StackPointer - logged + StackStart));
    }

    // The strings above may lie a little differently; none is beyond the end.
    private ulong BelowStackTop(ulong native) =>
        native >= image.StackTop && native - image.StackTop < StackEnd - StackStart && image.StackTop != 0
            ? image.StackTop - WordBytes : native;
}
