using LinuxMem.Abi;

namespace LinuxMem.Workloads.Malloc;

/// <summary>Finding a chunk: cache, fast bins, bins, the top.</summary>
/// <remarks>glibc: malloc/malloc.c: _int_malloc, 2.41.</remarks>
public sealed partial class GnuMalloc
{
    private const ulong FastBytesMax = 128;
    private const int SortedAtOnceMax = 10_000;

    private IEnumerable<SyscallRequest> Allocate(MallocThread thread, Arena? arena, ulong size)
    {
        given = null;
        if (arena is not null)
        {
            if (TakeFast(thread, arena, size) || TakeSmall(thread, arena, size))
                yield break;
            if (!ChunkBins.IsSmall(size) && arena.HasFastChunks)
                Consolidate(arena);
            while (!SortAndTake(thread, arena, size) && !TakeBest(arena, size) && !TakeTop(arena, size))
            {
                if (!arena.HasFastChunks)
                    break;
                Consolidate(arena);
            }
        }

        if (given is not null)
            yield break;
        foreach (SyscallRequest call in Grow(thread, arena, size))
            yield return call;
    }

    private bool TakeCached(MallocThread thread, ulong size)
    {
        int bin = MallocThread.IndexOf(size);
        if (bin >= MallocThread.BinCount || thread.Cache is null || !thread.Bins[bin].TryPop(out given))
            return false;
        Touches.Add(AccessKind.Read, given.Memory, Chunk.HeaderBytes);
        return true;
    }

    private void PutCached(MallocThread thread, Chunk chunk)
    {
        thread.Bins[MallocThread.IndexOf(chunk.Size)].Push(chunk);
        Touches.Add(AccessKind.Write, chunk.Memory, Chunk.HeaderBytes);
    }

    private bool TakeFast(MallocThread thread, Arena arena, ulong size)
    {
        if (size > FastBytesMax || !arena.FastBins[FastIndex(size)].TryPop(out given))
            return false;
        while (thread.HasRoom(size) && arena.FastBins[FastIndex(size)].TryPop(out Chunk? another))
            PutCached(thread, another);
        return true;
    }

    private bool TakeSmall(MallocThread thread, Arena arena, ulong size)
    {
        if (!ChunkBins.IsSmall(size) || arena.Bins.LastSmall(size) is not { } victim)
            return false;
        arena.Bins.Remove(victim);
        while (thread.HasRoom(size) && arena.Bins.LastSmall(size) is { } another)
        {
            arena.Bins.Remove(another);
            PutCached(thread, another);
        }

        given = victim;
        return true;
    }

    // Sorts what was freed lately into its bins, unless it is what is wanted.
    private bool SortAndTake(MallocThread thread, Arena arena, ulong size)
    {
        bool cached = false;
        for (int i = 0; i < SortedAtOnceMax && arena.Bins.OldestUnsorted is { } victim; i++)
        {
            bool only = arena.Bins.HasOneUnsorted;
            arena.Bins.Remove(victim);
            if (ChunkBins.IsSmall(size) && only && victim.Address == arena.LastRemainder
                && victim.Size > size + Chunk.MinBytes)
            {
                arena.LastRemainder = LeaveRest(arena, victim, size);
                return true;
            }

            if (victim.Size != size)
            {
                arena.Bins.AddSorted(victim);
                continue;
            }

            given = victim;
            if (!thread.HasRoom(size))
                return true;
            PutCached(thread, victim);
            cached = true;
        }

        given = null;
        return cached && TakeCached(thread, size);
    }

    private bool TakeBest(Arena arena, ulong size)
    {
        bool small = ChunkBins.IsSmall(size);
        Chunk? best = small ? null : arena.Bins.BestLarge(size);
        bool above = best is null;
        best ??= arena.Bins.Above(size);
        if (best is null)
            return false;
        arena.Bins.Remove(best);
        given = best;
        if (best.Size - size < Chunk.MinBytes)
            return true;
        ulong rest = LeaveRest(arena, best, size);
        if (above && small)
            arena.LastRemainder = rest;
        return true;
    }

    // Gives the beginning of a chunk; the rest is unsorted.
    private ulong LeaveRest(Arena arena, Chunk chunk, ulong size)
    {
        Chunk rest = chunk.Split(size);
        arena.Bins.AddUnsorted(rest);
        TouchFree(rest);
        TouchSize(chunk);
        given = chunk;
        return rest.Address;
    }

    private bool TakeTop(Arena arena, ulong size)
    {
        if (arena.TopBytes < size + Chunk.MinBytes)
            return false;
        given = arena.Top!;
        arena.Top = given.Split(size);
        TouchSize(given);
        TouchSize(arena.Top);
        return true;
    }

    private void TouchSize(Chunk chunk) => Touches.Add(AccessKind.Write, chunk.Address + 8, 8);

    // Its size and links, and its size again before the next chunk.
    private void TouchFree(Chunk chunk)
    {
        Touches.Add(AccessKind.Write, chunk.Address + 8, 24);
        Touches.Add(AccessKind.Write, chunk.End, 8);
    }

    private static int FastIndex(ulong size) => (int)(size >> 4) - 2;
}
