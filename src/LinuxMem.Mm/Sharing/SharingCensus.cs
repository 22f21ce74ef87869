using LinuxMem.Mm.Fault;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Proc.Process;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Sharing;

namespace LinuxMem.Mm.Sharing;

/// <summary>Looks through all page tables for who maps which frame, and writes it down as values.</summary>
/// <remarks>Cost: all entries of all page tables, and memory for the frames that more than one entry maps.</remarks>
public sealed class SharingCensus
{
    private const int PssShift = 12;
    private readonly Kernel kernel;
    private readonly KernelMemory memory;
    private readonly List<Mm> spaces;
    private readonly Dictionary<Mm, List<ThreadGroup>> users = [];
    private readonly List<SharingProcess> processes = [];
    private readonly SharerSets sets = new();
    private readonly Dictionary<uint, int> setOf = [];
    private readonly SortedDictionary<int, ObjectUse> objects = [];
    private long mapped;
    private long frames;

    private SharingCensus(Kernel kernel)
    {
        this.kernel = kernel;
        memory = kernel.Memory;
        foreach (ThreadGroup group in kernel.Tasks.Groups)
        {
            if (group.IsDead)
                continue;
            if (!users.TryGetValue(group.Tasks[0].Mm, out List<ThreadGroup>? list))
                users.Add(group.Tasks[0].Mm, list = []);
            list.Add(group);
        }

        spaces = [.. users.Keys.OrderBy(mm => users[mm][0].Pid)];
    }

    private sealed class ObjectUse
    {
        public HashSet<uint> Frames { get; } = [];

        public long Mapped { get; set; }

        public long Processes { get; set; }

        public int LastSpace { get; set; } = -1;

        public bool IsText { get; set; }
    }

    /// <summary>Takes the census of a kernel at a moment at which it stands still.</summary>
    public static SharingResult Take(Kernel kernel, long nowNs)
    {
        var census = new SharingCensus(kernel);
        for (int i = 0; i < census.spaces.Count; i++)
            census.Visit(i);
        SharingGroups groups = SharingGroups.Of(census.sets, census.setOf, kernel.Memory.Map, census.processes);
        return new SharingResult
        {
            AtNs = nowNs,
            PageBytes = (long)kernel.Memory.Geometry.PageBytes,
            MappedPages = census.mapped,
            Frames = census.frames + census.setOf.Count,
            Processes = census.processes,
            Groups = groups.Largest,
            OtherGroups = groups.Others,
            MatrixPids = groups.MatrixPids,
            Matrix = groups.Matrix,
            Objects = [.. census.objects.Select(o => census.ObjectOf(o.Key, o.Value))
                .OrderByDescending(o => o.SavedPages).ThenBy(o => o.Name, StringComparer.Ordinal)],
            CopyOnWrite = census.CopyOnWrite(nowNs),
        };
    }

    private void Visit(int index)
    {
        Mm mm = spaces[index];
        long rss = 0, pss = 0, own = 0;
        var shared = new long[3];
        long pageBytes = (long)memory.Geometry.PageBytes;
        var pages = new MappedPages(memory);
        for (Vma? vma = mm.Vmas.Tree.First; vma is not null; vma = vma.Next)
        {
            bool isText = (vma.Flags & VmFlags.Exec) != 0;
            pages.Visit(mm, vma, (ulong entry, in PageFrame frame) =>
            {
                uint pfn = memory.Geometry.Format.PfnOf(entry);
                rss++;
                pss += (pageBytes << PssShift) / Math.Max(1, frame.MapCount);
                if (frame.Place is FramePlace.File or FramePlace.Shmem)
                    Use(frame.Owner, pfn, index, isText);
                if (frame.MapCount < 2)
                {
                    own++;
                    frames++;
                    return;
                }

                shared[KindOf(frame.Place)]++;
                setOf[pfn] = sets.With(setOf.GetValueOrDefault(pfn), index);
            });
        }

        mapped += rss;
        List<ThreadGroup> groups = users[mm];
        processes.Add(new SharingProcess(groups[0].Pid, groups[0].Comm, [.. groups.Select(g => g.Pid)], rss,
            pss >> PssShift, own, shared[0], shared[1], shared[2]));
    }

    /// <summary>Anonymous, of a file, of shared memory.</summary>
    internal static int KindOf(FramePlace place) =>
        place == FramePlace.File ? 1 : place == FramePlace.Shmem ? 2 : 0;

    private void Use(int owner, uint pfn, int space, bool isText)
    {
        if (!objects.TryGetValue(owner, out ObjectUse? use))
            objects.Add(owner, use = new ObjectUse());
        use.Frames.Add(pfn);
        use.Mapped++;
        use.IsText |= isText;
        if (use.LastSpace != space)
            use.Processes++;
        use.LastSpace = space;
    }

    // Only the kernel's own pages are no object's.
    private SharedObject ObjectOf(int id, ObjectUse use)
    {
        Filemap.AddressSpace? mapping = kernel.Objects.ById(id);
        return new SharedObject(mapping?.Name ?? "[vdso]", mapping?.IsShmem ?? false, use.IsText, use.Processes,
            use.Frames.Count, use.Mapped);
    }

    private CopyOnWriteResult CopyOnWrite(long nowNs)
    {
        SharingCounts counts = memory.Sharing;
        counts.Advance(nowNs);
        return new CopyOnWriteResult(counts.ForkedPages, Faults(FaultKind.CowCopy), Faults(FaultKind.CowReuse),
            Faults(FaultKind.ZeroPageCow), Faults(FaultKind.FileCow), counts.AnonPages, counts.AnonPageNs,
            counts.PeakPages, counts.PeakNs);
    }

    private long Faults(FaultKind kind) => kernel.FaultKinds[(int)kind];
}
