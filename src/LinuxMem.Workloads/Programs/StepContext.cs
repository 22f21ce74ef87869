using LinuxMem.Abi;
using LinuxMem.Simulation.Random;
using LinuxMem.Workloads.Malloc;
using LinuxMem.Workloads.Patterns;
using LinuxMem.Workloads.Programs.Steps;

namespace LinuxMem.Workloads.Programs;

/// <summary>What a running task knows: its regions, children, patterns, and how far the current step is.</summary>
internal sealed class StepContext
{
    private readonly ProgramSpec spec;
    private readonly RegionTable regions;
    private readonly List<(string Name, int Pid)> children = [];
    private readonly List<(Step Step, AccessTarget Target, IAccessPattern Pattern)> patterns = [];
    private readonly bool isThread;
    private GnuMalloc? heap;
    private ulong seed;
    private ulong patternsMade;
    private RandomStream draws;
    private bool drawsBegun;

    public StepContext(ProgramSpec spec)
        : this(spec, new RegionTable(), isThread: false)
    {
    }

    private StepContext(ProgramSpec spec, RegionTable regions, bool isThread)
    {
        this.spec = spec;
        this.regions = regions;
        this.isThread = isThread;
    }

    /// <summary>The regions that have names.</summary>
    public RegionTable Regions => regions;

    /// <summary>The program.</summary>
    public ProgramSpec Spec => spec;

    /// <summary>The C library's allocator.</summary>
    public GnuMalloc Heap => heap ??= isThread ? GnuMalloc.ForThread(PageShift)
        : new GnuMalloc(new MallocSettings { PageShift = PageShift });

    /// <summary>The operation of the allocator that the current step has under way.</summary>
    public MallocOperation? Allocation { get; set; }

    /// <summary>log2 of the page size.</summary>
    public int PageShift { get; private set; }

    /// <summary>Descriptors of the files that it opened, by name.</summary>
    public SortedDictionary<string, long> Files { get; private init; } = new(StringComparer.Ordinal);

    /// <summary>How far the current step is, in its own terms; 0 at its beginning.</summary>
    public ulong Phase { get; set; }

    /// <summary>The result of the call that the current step made last.</summary>
    public SyscallResult Last { get; set; }

    /// <summary>What the call of the current step was told beside its registers; null if nothing.</summary>
    public SyscallOperands? CallOperands { get; set; }

    /// <summary>Whether a call went wrong, so that the process is to end.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Children that were forked and not waited for.</summary>
    public ulong ChildrenLeft { get; set; }

    /// <summary>Whether other tasks share the address space, as far as this one knows.</summary>
    public bool SharesMemory { get; private set; }

    /// <summary>
    /// Takes in what the kernel says at the start. A child keeps the layout that it has from its parent.
    /// </summary>
    public void Start(in ProgramStart start)
    {
        seed = start.Seed;
        PageShift = start.PageShift;
        if (!regions.IsLaidOut)
            regions.LayOut(start.Layout, start.PageShift);
    }

    /// <summary>The context of a child or thread.</summary>
    public StepContext ForChild(ProgramSpec childSpec, bool asThread)
    {
        SharesMemory |= asThread;
        return new StepContext(childSpec, regions.Copy(), asThread)
        {
            SharesMemory = asThread,
            heap = asThread ? heap?.Branch() : heap?.Copy(heap.MainThread),
            Files = new SortedDictionary<string, long>(Files, StringComparer.Ordinal),
        };
    }

    /// <summary>The call that ends the task after its last step.</summary>
    public SyscallRequest EndOfSteps() =>
        new() { Nr = isThread || SharesMemory ? SyscallNr.Exit : SyscallNr.ExitGroup };

    /// <summary>
    /// Judges the last result against what the step expects. Returns whether the call succeeded, as it should.
    /// </summary>
    public bool Succeeded(Errno expect) => Judge(Last.Errno, expect);

    /// <summary>Says where the program break is now.</summary>
    public void BreakIs(ulong end)
    {
        regions.HeapEnd = end;
        if (heap is { Break: not 0 })
            heap.Break = end;
    }

    /// <summary>Judges an outcome against what the step expects. Returns whether there was no error.</summary>
    public bool Judge(Errno outcome, Errno expect)
    {
        if (outcome != expect && spec.OnError == OnError.Exit)
            HasFailed = true;
        return outcome == Errno.None;
    }

    /// <summary>Remembers a child by name.</summary>
    public void NameChild(string name, int pid)
    {
        children.RemoveAll(c => c.Name == name);
        children.Add((name, pid));
    }

    /// <summary>
    /// The pid of the child of that name; a pid that nobody has if there is none, for which the kernel answers ECHILD.
    /// </summary>
    public int ChildNamed(string name)
    {
        int pid = children.Find(c => c.Name == name).Pid;
        return pid == 0 ? int.MaxValue : pid;
    }

    /// <summary>The descriptor of a file; one that nobody has if it could not be opened.</summary>
    public ulong FileNamed(string name) => (ulong)Files.GetValueOrDefault(name, int.MaxValue);

    /// <summary>A random number below a bound, of the task's own.</summary>
    public ulong Draw(ulong bound)
    {
        if (!drawsBegun)
            draws = new RandomStream(RandomStream.Derive(seed, "files"));
        drawsBegun = true;
        return draws.Below(bound);
    }

    /// <summary>
    /// The pattern of a step on a target. It is kept while the target stays the same, so that a step in a loop goes on
    /// where it was and does not repeat its random numbers.
    /// </summary>
    public IAccessPattern PatternOf(AccessStep step, in AccessTarget target)
    {
        for (int i = 0; i < patterns.Count; i++)
        {
            if (!ReferenceEquals(patterns[i].Step, step))
                continue;
            if (patterns[i].Target != target)
                patterns[i] = (step, target, Make(step, target));
            return patterns[i].Pattern;
        }

        IAccessPattern pattern = Make(step, target);
        patterns.Add((step, target, pattern));
        return pattern;
    }

    private IAccessPattern Make(AccessStep step, in AccessTarget target) =>
        step.Pattern.Create(target, step.Mix, RandomStream.Derive(seed, "pattern", patternsMade++));
}
