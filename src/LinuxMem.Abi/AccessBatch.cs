namespace LinuxMem.Abi;

/// <summary>
/// What a program does next: memory accesses in order, then at most one system call. A program fills it, an MMU carries
/// it out; the buffer is handed over, never shared, and used again.
/// </summary>
/// <remarks>
/// The position (<see cref="RunIndex"/>, <see cref="DoneInRun"/>) belongs to the MMU: a batch that is cut short by a
/// page fault or the end of a time slice goes on from there, on this CPU or another. The system call is due when every
/// run is done.
/// </remarks>
public sealed class AccessBatch
{
    /// <summary>The most accesses that one scatter buffer holds, so that a batch stays in a CPU's cache.</summary>
    public const int ScatterCapacityMax = 4096;

    /// <summary>The most runs in a batch.</summary>
    public const int RunCapacityMax = 4096;

    private AccessRun[] runs;
    private ulong[] scatter;

    /// <summary>An empty batch for a machine whose pages are 2^<paramref name="pageShift"/> bytes.</summary>
    public AccessBatch(int pageShift, int runCapacity = 16)
    {
        PageShift = pageShift;
        runs = new AccessRun[runCapacity];
        scatter = [];
    }

    /// <summary>log2 of the page size in bytes.</summary>
    public int PageShift { get; }

    /// <summary>The runs; <see cref="RunCount"/> of them are valid.</summary>
    public AccessRun[] Runs => runs;

    /// <summary>How many runs there are.</summary>
    public int RunCount { get; private set; }

    /// <summary>Packed accesses (<see cref="ScatterEntry"/>); <see cref="ScatterCount"/> of them are valid.</summary>
    public ulong[] Scatter => scatter;

    /// <summary>How many scatter entries there are.</summary>
    public int ScatterCount { get; private set; }

    /// <summary>The run that the MMU is at; <see cref="RunCount"/> when all are done.</summary>
    public int RunIndex;

    /// <summary>How many accesses of that run are done.</summary>
    public int DoneInRun;

    /// <summary>Whether a system call follows the accesses.</summary>
    public bool HasCall { get; private set; }

    /// <summary>The system call, if <see cref="HasCall"/>.</summary>
    public SyscallRequest Call;

    /// <summary>
    /// Whether no more runs or scatter entries should be added: time to return from <see cref="IProgram.Next"/>.
    /// </summary>
    public bool IsFull => RunCount >= RunCapacityMax - 2 || ScatterCount >= ScatterCapacityMax;

    /// <summary>Whether every access is done, so that only the call, if any, is left.</summary>
    public bool AccessesDone => RunIndex >= RunCount;

    /// <summary>Empties the batch for its next filling.</summary>
    public void Reset()
    {
        RunCount = 0;
        ScatterCount = 0;
        RunIndex = 0;
        DoneInRun = 0;
        HasCall = false;
        Call = default;
    }

    /// <summary>Adds a row of accesses. Preconditions: count at least 1; no access of the row crosses a page.</summary>
    public void AddRun(AccessKind kind, ulong start, long stride, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        NextRun() = new AccessRun { Start = start, Stride = stride, Count = count, Kind = kind };
    }

    /// <summary>
    /// Adds one access of <paramref name="bytes"/> bytes: two accesses where it crosses a page boundary.
    /// </summary>
    public void AddAccess(AccessKind kind, ulong va, int bytes)
    {
        ulong last = va + (ulong)Math.Max(bytes, 1) - 1;
        Add(kind, va);
        if (last >> PageShift != va >> PageShift)
            Add(kind, last & ~((1UL << PageShift) - 1));
    }

    /// <summary>
    /// Makes room for up to <paramref name="count"/> scattered accesses and returns it for filling with
    /// <see cref="ScatterEntry.Pack"/>; what is returned is shorter when the batch is nearly full. Every entry returned
    /// must be filled.
    /// </summary>
    public Span<ulong> AddScatter(int count)
    {
        count = Math.Min(count, ScatterCapacityMax - ScatterCount);
        if (count <= 0)
            return [];
        EnsureScatter(ScatterCount + count);
        NextRun() = new AccessRun { Start = (ulong)ScatterCount, Count = count, IsScatter = true };
        var span = scatter.AsSpan(ScatterCount, count);
        ScatterCount += count;
        return span;
    }

    /// <summary>Ends the batch with a system call. Precondition: none was set since <see cref="Reset"/>.</summary>
    public void SetCall(in SyscallRequest call)
    {
        if (HasCall)
            throw new InvalidOperationException("a batch ends with at most one system call");
        HasCall = true;
        Call = call;
    }

    private void Add(AccessKind kind, ulong va)
    {
        if (!ScatterEntry.Fits(va) || ScatterCount >= ScatterCapacityMax)
        {
            AddRun(kind, va, 0, 1);
            return;
        }

        EnsureScatter(ScatterCount + 1);
        scatter[ScatterCount] = ScatterEntry.Pack(va, kind);
        if (RunCount > 0 && runs[RunCount - 1].IsScatter)
            runs[RunCount - 1].Count++;
        else
            NextRun() = new AccessRun { Start = (ulong)ScatterCount, Count = 1, IsScatter = true };
        ScatterCount++;
    }

    private ref AccessRun NextRun()
    {
        if (RunCount == runs.Length)
        {
            if (RunCount >= RunCapacityMax)
                throw new InvalidOperationException("the batch is full: check IsFull before adding");
            Array.Resize(ref runs, Math.Min(RunCapacityMax, runs.Length * 2));
        }

        return ref runs[RunCount++];
    }

    private void EnsureScatter(int count)
    {
        if (count > scatter.Length)
            Array.Resize(ref scatter, Math.Clamp(Math.Max(count, scatter.Length * 2), 64, ScatterCapacityMax));
    }
}
