namespace LinuxMem.Simulation.Sharing;

/// <summary>Who shares which frames with whom at one moment, and what it saves.</summary>
public sealed record SharingResult
{
    /// <summary>Nothing is shared, by nobody.</summary>
    public static SharingResult None { get; } = new();

    /// <summary>The moment, in nanoseconds of virtual time.</summary>
    public long AtNs { get; init; }

    /// <summary>Bytes of a page.</summary>
    public long PageBytes { get; init; } = 4096;

    /// <summary>Pages that page tables map, each mapping counted: the sum of the resident sets.</summary>
    public long MappedPages { get; init; }

    /// <summary>Frames behind them.</summary>
    public long Frames { get; init; }

    /// <summary>The address spaces, by their first process.</summary>
    public IReadOnlyList<SharingProcess> Processes { get; init; } = [];

    /// <summary>
    /// The frames, by who maps them: the sets of two processes and more with the most pages to save. Others are in
    /// <see cref="OtherGroups"/>.
    /// </summary>
    public IReadOnlyList<SharingGroup> Groups { get; init; } = [];

    /// <summary>Sets that are not in <see cref="Groups"/>.</summary>
    public long OtherGroups { get; init; }

    /// <summary>The processes of <see cref="Matrix"/>: those with the largest resident sets, by pid.</summary>
    public IReadOnlyList<int> MatrixPids { get; init; } = [];

    /// <summary>
    /// By process and process: frames that both map. Where the two are the same: frames that the process maps.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<long>> Matrix { get; init; } = [];

    /// <summary>Files and shared memory that are mapped, by pages saved.</summary>
    public IReadOnlyList<SharedObject> Objects { get; init; } = [];

    /// <summary>What copy-on-write did since the start of the run.</summary>
    public CopyOnWriteResult CopyOnWrite { get; init; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>Frames that sharing saves.</summary>
    public long SavedPages => MappedPages - Frames;
}

/// <summary>An address space and what it shares, in pages.</summary>
/// <param name="Pid">Its first process.</param>
/// <param name="Comm">That one's name.</param>
/// <param name="Pids">Every process that uses it.</param>
/// <param name="RssPages">Pages mapped.</param>
/// <param name="PssBytes">Its proportional share, in bytes (Pss of smaps_rollup).</param>
/// <param name="PrivatePages">Pages that nothing else maps (USS).</param>
/// <param name="SharedAnonPages">Anonymous pages that others map too.</param>
/// <param name="SharedFilePages">Pages of files that others map too.</param>
/// <param name="SharedShmemPages">Pages of shared memory that others map too.</param>
public sealed record SharingProcess(
    int Pid, string Comm, IReadOnlyList<int> Pids, long RssPages, long PssBytes, long PrivatePages,
    long SharedAnonPages, long SharedFilePages, long SharedShmemPages);

/// <summary>Frames that the same processes map.</summary>
/// <param name="Pids">The processes, each the first of its address space.</param>
/// <param name="AnonFrames">Anonymous frames.</param>
/// <param name="FileFrames">Frames of files.</param>
/// <param name="ShmemFrames">Frames of shared memory.</param>
public sealed record SharingGroup(IReadOnlyList<int> Pids, long AnonFrames, long FileFrames, long ShmemFrames)
{
    /// <summary>Frames in all.</summary>
    public long Frames => AnonFrames + FileFrames + ShmemFrames;

    /// <summary>Frames that would be needed beside them if each process had its own.</summary>
    public long SavedPages => Frames * (Pids.Count - 1);
}

/// <summary>A file or shared memory that processes map.</summary>
/// <param name="Name">Its path, or what stands for it in /proc/PID/maps.</param>
/// <param name="IsShmem">Whether it is shared memory.</param>
/// <param name="IsText">Whether somebody maps it to execute it.</param>
/// <param name="Processes">Address spaces that map pages of it.</param>
/// <param name="Frames">Frames of it that are mapped.</param>
/// <param name="MappedPages">Mappings of these.</param>
public sealed record SharedObject(
    string Name, bool IsShmem, bool IsText, long Processes, long Frames, long MappedPages)
{
    /// <summary>Frames that sharing it saves.</summary>
    public long SavedPages => MappedPages - Frames;
}

/// <summary>What copy-on-write did in a run.</summary>
/// <param name="ForkedPages">Anonymous pages that fork had two processes share.</param>
/// <param name="CopiedPages">Shared pages that were copied for a store.</param>
/// <param name="ReusedPages">Pages that were shared once and were written in place, by the last who had them.</param>
/// <param name="ZeroPages">Pages made in place of the page of zeros.</param>
/// <param name="FilePages">Private copies of pages of files.</param>
/// <param name="SharedPages">Mappings of anonymous frames beyond the first of each, now.</param>
/// <param name="SharedPageNs">These added up over time: pages times nanoseconds.</param>
/// <param name="PeakPages">Mappings of all frames beyond the first of each, when they were most.</param>
/// <param name="PeakNs">When that was, in nanoseconds of virtual time.</param>
public sealed record CopyOnWriteResult(
    long ForkedPages, long CopiedPages, long ReusedPages, long ZeroPages, long FilePages, long SharedPages,
    long SharedPageNs, long PeakPages, long PeakNs)
{
    /// <summary>Pages that fork shared and nobody has had to copy.</summary>
    public long AvoidedPages => Math.Max(0, ForkedPages - CopiedPages);

    /// <summary>For how long a page that fork shared stayed so, on average.</summary>
    public long MeanSharedNs => ForkedPages == 0 ? 0 : SharedPageNs / ForkedPages;
}
