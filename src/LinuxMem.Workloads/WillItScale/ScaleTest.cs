using LinuxMem.Workloads.WillItScale.Tests;

namespace LinuxMem.Workloads.WillItScale;

/// <summary>A test of will-it-scale: its name, what it does, and a copy of it.</summary>
/// <param name="Name">The name there.</param>
/// <param name="Description">One line.</param>
/// <param name="Make">Makes a copy: its number, and when all begin.</param>
/// <param name="PagesPerTask">Frames that a copy may need while it is measured; 0 for as many as it can touch.</param>
public sealed record ScaleTest(
    string Name, string Description, Func<ScaleSettings, int, ScaleTask> Make, long PagesPerTask = 4096)
{
    /// <summary>The tests, in the order in which they are listed.</summary>
    /// <remarks>https://github.com/antonblanchard/will-it-scale; what each does is told there in C.</remarks>
    public static IReadOnlyList<ScaleTest> All { get; } =
    [
        new("page_fault1", "Anonymous memory page fault",
            (s, i) => new PageFaults(FaultKindOf.Anonymous, s.RegionBytes) { Number = i, BeginNs = s.BeginNs }, 0),
        new("page_fault2", "Separate file private mapping page fault",
            (s, i) => new PageFaults(FaultKindOf.PrivateFile, s.RegionBytes) { Number = i, BeginNs = s.BeginNs }),
        new("page_fault3", "Separate file shared mapping page fault",
            (s, i) => new PageFaults(FaultKindOf.SharedFile, s.RegionBytes) { Number = i, BeginNs = s.BeginNs }),
        new("brk1", "brk increase/decrease of one page",
            (s, i) => new Brk1(s.Mode) { Number = i, BeginNs = s.BeginNs }),
        new("mmap1", "Anonymous memory mmap/munmap of 128MB",
            (s, i) => new MapUnmap(isFile: false) { Number = i, BeginNs = s.BeginNs }),
        new("mmap2", "Separate file mmap/munmap of 128MB",
            (s, i) => new MapUnmap(isFile: true) { Number = i, BeginNs = s.BeginNs }),
        new("malloc1", "malloc/free of 128MB",
            (s, i) => new Malloc1 { Number = i, BeginNs = s.BeginNs }),
        new("tlb_flush1", "TLB flush of separated file private mapping",
            (s, i) => new TlbFlush(isFile: true) { Number = i, BeginNs = s.BeginNs }),
        new("tlb_flush2", "TLB flush of anonymous memory private mapping",
            (s, i) => new TlbFlush(isFile: false) { Number = i, BeginNs = s.BeginNs }),
        new("fallocate1", "Separate file fallocate",
            (s, i) => new Fallocate1 { Number = i, BeginNs = s.BeginNs }),
        new("pread1", "Separate file pread",
            (s, i) => new Pread1 { Number = i, BeginNs = s.BeginNs }),
        new("context_switch1", "Context switch via pipes",
            (s, i) => new ContextSwitch1(s.Mode) { Number = i, BeginNs = s.BeginNs }),
        new("fork1", "fork, exit and wait",
            (s, i) => new Fork1 { Number = i, BeginNs = s.BeginNs }),
    ];

    /// <summary>The test of a name; null if there is none.</summary>
    public static ScaleTest? Find(string name) => All.FirstOrDefault(test => test.Name == name);
}
