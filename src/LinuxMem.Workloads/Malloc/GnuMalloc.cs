using LinuxMem.Abi;

namespace LinuxMem.Workloads.Malloc;

/// <summary>
/// The malloc of the GNU C library, as the kernel sees it: which chunks it hands out, what it touches itself, and when
/// it calls brk, mmap, munmap, mremap, mprotect and madvise.
/// </summary>
/// <remarks>
/// glibc: malloc/malloc.c and arena.c, 2.41 (or 2.36), x86-64, with nothing tuned. Not modelled: alignment by request
/// (memalign), huge pages, vm.overcommit_memory 2 (where freed parts of heaps are mapped anew instead of advised
/// away), getrandom for the cache's key. One process has one; a child of fork has a <see cref="Copy"/>. Its methods
/// return operations, which a program carries out one after the other.
/// </remarks>
public sealed partial class GnuMalloc
{
    private const ulong TopPadBytes = 128 << 10;
    private const ulong ThresholdMaxBytes = 32 << 20;
    private const int MappedChunksMax = 65536;
    private readonly MallocSettings settings;
    private readonly Dictionary<ulong, Chunk> used = [];
    private readonly List<Arena> arenas;
    private readonly List<Arena> unattached = [];
    private ulong mmapThreshold = 128 << 10;
    private ulong trimThreshold = 128 << 10;
    private int mappedChunks;
    private ulong currentBreak;
    private ulong alignedHint;
    private int arenaLimit;
    private Arena? nextToShare;
    private Chunk? given;
    private SubHeap? made;
    private ulong got;

    /// <summary>Of a process that has not allocated anything.</summary>
    public GnuMalloc(MallocSettings settings)
    {
        this.settings = settings;
        arenas = [new Arena(isMain: true) { Threads = 1 }];
        MainThread = new MallocThread(Main);
    }

    private GnuMalloc(MallocSettings settings, Arena main, MallocThread thread)
    {
        this.settings = settings;
        arenas = [main];
        MainThread = thread;
    }

    /// <summary>The thread that the process started with.</summary>
    public MallocThread MainThread { get; }

    /// <summary>The break as the library knows it; 0 before it has asked.</summary>
    public ulong Break
    {
        get => currentBreak;
        internal set => currentBreak = value;
    }

    /// <summary>Whether it is a thread's view, which has no main arena.</summary>
    private bool IsBranch { get; init; }

    /// <summary>The answer to the last call, as the register shows it.</summary>
    internal long Answer { get; set; }

    /// <summary>What the last operation returned.</summary>
    internal ulong Returned { get; private set; }

    /// <summary>What the allocator touches itself.</summary>
    internal TouchQueue Touches { get; } = new();

    private Arena Main => arenas[0];

    private ulong PageBytes => 1UL << settings.PageShift;

    /// <summary>A thread that starts now. It gets an arena when it first allocates.</summary>
    public MallocThread StartThread() => new(null);

    /// <summary>Allocates; Result is 0 if memory is out.</summary>
    public MallocOperation Malloc(MallocThread thread, ulong bytes) => new(this, MallocSteps(thread, bytes));

    /// <summary>Allocates and clears; Result is 0 if memory is out.</summary>
    public MallocOperation Calloc(MallocThread thread, ulong bytes) => new(this, CallocSteps(thread, bytes));

    /// <summary>Changes a size; Result is 0 if memory is out (the old memory stays) or the size is.</summary>
    public MallocOperation Realloc(MallocThread thread, ulong address, ulong bytes) =>
        new(this, ReallocSteps(thread, address, bytes));

    /// <summary>Releases what was allocated; nothing for address 0.</summary>
    /// <exception cref="ArgumentException">Nothing is allocated there: glibc would abort.</exception>
    public MallocOperation Free(MallocThread thread, ulong address) => new(this, FreeSteps(thread, address));

    /// <summary>A thread ends: its cache is emptied, and its arena is free for the next thread.</summary>
    public MallocOperation EndThread(MallocThread thread) => new(this, EndSteps(thread));

    /// <summary>Bytes that a block can hold; 0 for what is none.</summary>
    public ulong UsableBytes(ulong address)
    {
        const ulong sizeBytes = 8;
        if (!used.TryGetValue(address, out Chunk? chunk))
            return 0;
        return chunk.Size - (chunk.Arena is null ? Chunk.HeaderBytes : sizeBytes);
    }

    private IEnumerable<SyscallRequest> MallocSteps(MallocThread thread, ulong bytes)
    {
        foreach (SyscallRequest call in Give(thread, bytes))
            yield return call;
        Return(given);
    }

    private IEnumerable<SyscallRequest> CallocSteps(MallocThread thread, ulong bytes)
    {
        foreach (SyscallRequest call in MakeCache(thread))
            yield return call;
        ulong size = Chunk.SizeFor(bytes);
        if (settings.IsGlibc241 && size != 0 && TakeCached(thread, size))
        {
            Clear(given!, given!.Size);
            Return(given);
            yield break;
        }

        foreach (SyscallRequest call in FindArena(thread))
            yield return call;
        ulong oldTop = thread.Arena!.Top?.Address ?? 0;
        ulong dirty = DirtyTopBytes(thread.Arena);
        foreach (SyscallRequest call in AllocateOrRetry(thread, size))
            yield return call;
        // A mapping of its own is zero already, and so is what the heap has just grown by.
        if (given is { Arena: not null })
            Clear(given, given.Address == oldTop ? Math.Min(given.Size, dirty) : given.Size);
        Return(given);
    }

    private IEnumerable<SyscallRequest> FreeSteps(MallocThread thread, ulong address)
    {
        Return(null);
        if (address == 0)
            yield break;
        if (!used.Remove(address, out Chunk? chunk))
            throw new ArgumentException($"free(): invalid pointer 0x{address:x}", nameof(address));
        if (chunk.Arena is null)
        {
            if (chunk.Size > mmapThreshold && chunk.Size <= ThresholdMaxBytes)
            {
                mmapThreshold = chunk.Size;
                trimThreshold = 2 * mmapThreshold;
            }

            yield return Unmap(chunk);
            yield break;
        }

        foreach (SyscallRequest call in MakeCache(thread))
            yield return call;
        foreach (SyscallRequest call in Release(thread, chunk))
            yield return call;
    }

    private IEnumerable<SyscallRequest> EndSteps(MallocThread thread)
    {
        Return(null);
        Chunk? cache = thread.Cache;
        thread.Cache = null;
        thread.IsEnding = true;
        foreach (Stack<Chunk> bin in thread.Bins)
        {
            while (bin.TryPop(out Chunk? chunk))
            {
                foreach (SyscallRequest call in Release(thread, chunk))
                    yield return call;
            }
        }

        if (cache is not null)
        {
            foreach (SyscallRequest call in Release(thread, cache))
                yield return call;
        }

        if (thread.Arena is { } arena && --arena.Threads == 0)
            unattached.Add(arena);
        thread.Arena = null;
    }

    // What malloc does once the library is set up: the cache, then the arena.
    private IEnumerable<SyscallRequest> Give(MallocThread thread, ulong bytes)
    {
        given = null;
        ulong size = Chunk.SizeFor(bytes);
        if (size == 0)
            yield break;
        foreach (SyscallRequest call in MakeCache(thread))
            yield return call;
        if (TakeCached(thread, size))
            yield break;
        foreach (SyscallRequest call in FindArena(thread))
            yield return call;
        foreach (SyscallRequest call in AllocateOrRetry(thread, size))
            yield return call;
    }

    // The cache is allocated when the thread first allocates or releases.
    private IEnumerable<SyscallRequest> MakeCache(MallocThread thread)
    {
        if (thread.Cache is not null || thread.IsEnding)
            yield break;
        foreach (SyscallRequest call in FindArena(thread))
            yield return call;
        foreach (SyscallRequest call in AllocateOrRetry(thread, Chunk.SizeFor(MallocThread.StructBytes)))
            yield return call;
        if (given is null)
            yield break;
        thread.Cache = given;
        Touches.Add(AccessKind.Write, given.Memory, MallocThread.StructBytes);
    }

    // glibc: arena_get_retry: another arena where one is full, the main one if this is another.
    private IEnumerable<SyscallRequest> AllocateOrRetry(MallocThread thread, ulong size)
    {
        given = null;
        if (size == 0)
            yield break;
        Arena? first = thread.Arena;
        foreach (SyscallRequest call in Allocate(thread, first, size))
            yield return call;
        Arena? second = first is null || IsBranch ? null : first.IsMain ? arenas.Find(a => !a.IsMain) : Main;
        if (given is not null || second is null)
            yield break;
        foreach (SyscallRequest call in Allocate(thread, second, size))
            yield return call;
    }

    private void Return(Chunk? chunk)
    {
        Returned = chunk?.Memory ?? 0;
        if (chunk is not null)
            used[chunk.Memory] = chunk;
    }

    private void Clear(Chunk chunk, ulong bytes)
    {
        const ulong sizeBytes = 8;
        if (bytes > sizeBytes)
            Touches.Add(AccessKind.Write, chunk.Memory, bytes - sizeBytes);
    }

    private ulong Align(ulong bytes) => (bytes + PageBytes - 1) & ~(PageBytes - 1);
}
