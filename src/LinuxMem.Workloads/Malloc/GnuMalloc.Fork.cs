namespace LinuxMem.Workloads.Malloc;

/// <summary>What becomes of the allocator in a child, and in a thread that is a program of its own.</summary>
/// <remarks>glibc: malloc/arena.c: __malloc_fork_unlock_child, 2.41.</remarks>
public sealed partial class GnuMalloc
{
    /// <summary>The allocator of a child of fork, in which one thread goes on: its <see cref="MainThread"/>.</summary>
    /// <remarks>Precondition: no operation is under way. O(chunks).</remarks>
    public GnuMalloc Copy(MallocThread thread)
    {
        var copier = new MallocCopier();
        var child = new GnuMalloc(settings, copier.Of(Main), copier.Of(thread)) { IsBranch = IsBranch };
        for (int i = 1; i < arenas.Count; i++)
            child.arenas.Add(copier.Of(arenas[i]));
        foreach (Arena arena in child.arenas.Where(a => a != child.MainThread.Arena))
            child.unattached.Add(arena);
        if (child.MainThread.Arena is { } own)
            own.Threads = 1;
        // In the order of addresses, so that nothing depends on the dictionary's.
        foreach ((ulong address, Chunk chunk) in used.OrderBy(block => block.Key))
            child.used.Add(address, copier.Of(chunk));
        copier.Link();
        child.TakeOver(this);
        if (nextToShare is not null)
            child.nextToShare = child.arenas[arenas.IndexOf(nextToShare)];
        return child;
    }

    /// <summary>
    /// What another thread, which runs as a program of its own, knows of the allocator: sizes, and no chunk. It gets an
    /// arena of its own.
    /// </summary>
    internal GnuMalloc Branch()
    {
        var branch = new GnuMalloc(settings, new Arena(isMain: true), new MallocThread(null)) { IsBranch = true };
        branch.TakeOver(this);
        branch.alignedHint = 0;
        return branch;
    }

    /// <summary>As <see cref="Branch"/>, where nothing was allocated before.</summary>
    internal static GnuMalloc ForThread(int pageShift) =>
        new GnuMalloc(new MallocSettings { PageShift = pageShift }).Branch();

    private void TakeOver(GnuMalloc other)
    {
        mmapThreshold = other.mmapThreshold;
        trimThreshold = other.trimThreshold;
        mappedChunks = other.mappedChunks;
        currentBreak = other.currentBreak;
        alignedHint = other.alignedHint;
        arenaLimit = other.arenaLimit;
    }
}
