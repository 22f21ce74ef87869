using LinuxMem.Abi;

namespace LinuxMem.Workloads.Malloc;

/// <summary>Arenas of threads, and the heaps of 64 MiB that they lie in.</summary>
/// <remarks>glibc: malloc/arena.c: arena_get2, reused_arena, _int_new_arena, alloc_new_heap, grow_heap, 2.41.</remarks>
public sealed partial class GnuMalloc
{
    private const int ArenasPerCpu = 8;
    private const ulong ArenaBytes = 2200;
    private const ulong HeapBytesMin = 32 << 10;

    private IEnumerable<SyscallRequest> FindArena(MallocThread thread)
    {
        if (thread.Arena is not null)
            yield break;
        if (unattached.Count > 0)
        {
            thread.Arena = unattached[^1];
            unattached.RemoveAt(unattached.Count - 1);
        }
        else
        {
            if (arenaLimit == 0 && arenas.Count > ArenasPerCpu)
                arenaLimit = ArenasPerCpu * settings.Cpus;
            if (arenaLimit != 0 && arenas.Count >= arenaLimit)
            {
                thread.Arena = Shared();
            }
            else
            {
                foreach (SyscallRequest call in MakeArena(thread))
                    yield return call;
            }
        }

        if (thread.Arena is not null)
            thread.Arena.Threads++;
    }

    // Round and round, in the order of the ring: the main arena, then the newest.
    private Arena Shared()
    {
        Arena shared = nextToShare ?? Main;
        nextToShare = arenas[(arenas.IndexOf(shared) + 1) % arenas.Count];
        return shared;
    }

    private IEnumerable<SyscallRequest> MakeArena(MallocThread thread)
    {
        foreach (SyscallRequest call in MakeHeap(SubHeap.InfoBytes + ArenaBytes + Chunk.Alignment, null))
            yield return call;
        if (made is not { } heap)
            yield break;
        var arena = new Arena(isMain: false) { Heap = heap };
        ulong start = heap.Start + SubHeap.InfoBytes + ArenaBytes;
        start = (start + Chunk.Alignment - 1) & ~(Chunk.Alignment - 1);
        arena.Top = new Chunk(start, heap.Start + heap.Bytes - start, arena);
        arenas.Insert(1, arena);
        thread.Arena = arena;
        Touches.Add(AccessKind.Write, heap.Start, start + Chunk.HeaderBytes - heap.Start);
    }

    private IEnumerable<SyscallRequest> GrowHeap(MallocThread thread, Arena arena, ulong size, bool mayMap)
    {
        Chunk old = arena.Top!;
        foreach (SyscallRequest call in ExtendHeap(arena.Heap!, Align(size + Chunk.MinBytes - old.Size)))
            yield return call;
        if (got != 0)
        {
            old.Size = arena.Heap!.Start + arena.Heap.Bytes - old.Address;
            TouchSize(old);
            yield break;
        }

        foreach (SyscallRequest call in MakeHeap(size + Chunk.MinBytes + SubHeap.InfoBytes, arena.Heap))
            yield return call;
        if (made is null)
        {
            IEnumerable<SyscallRequest> map = mayMap ? MapChunk(size) : [];
            foreach (SyscallRequest call in map)
                yield return call;
            yield break;
        }

        SubHeap full = arena.Heap!;
        arena.Heap = made;
        ulong start = made.Start + SubHeap.InfoBytes;
        arena.Top = new Chunk(start, made.Bytes - SubHeap.InfoBytes, arena);
        Touches.Add(AccessKind.Write, made.Start, SubHeap.InfoBytes + Chunk.HeaderBytes);
        ulong kept = (old.Size - Chunk.MinBytes) & ~(Chunk.Alignment - 1);
        full.Fence = kept >= Chunk.MinBytes ? old.Split(kept) : old;
        TouchSize(full.Fence);
        if (full.Fence == old)
            yield break;
        foreach (SyscallRequest call in Release(thread, old))
            yield return call;
    }

    // More of a heap is made readable and writable, unless it is already; `got` is 0 if it cannot grow.
    private IEnumerable<SyscallRequest> ExtendHeap(SubHeap heap, ulong more)
    {
        got = 0;
        ulong bytes = heap.Bytes + more;
        if (bytes > SubHeap.MaxBytes)
            yield break;
        if (bytes > heap.ProtectedBytes)
        {
            yield return Protect(heap.Start + heap.ProtectedBytes, bytes - heap.ProtectedBytes);
            if (new SyscallResult(Answer).IsError)
                yield break;
            heap.ProtectedBytes = bytes;
        }

        heap.Bytes = bytes;
        got = 1;
    }

    // A heap at a multiple of its size: cut out of twice as much, or next to the last that was.
    private IEnumerable<SyscallRequest> MakeHeap(ulong bytes, SubHeap? previous)
    {
        made = null;
        if (bytes > SubHeap.MaxBytes)
            yield break;
        bytes = Align(bytes + TopPadBytes < HeapBytesMin ? HeapBytesMin : Math.Min(bytes + TopPadBytes,
            SubHeap.MaxBytes));
        ulong start = 0;
        if (alignedHint != 0)
        {
            yield return Reserve(alignedHint, SubHeap.MaxBytes);
            alignedHint = 0;
            start = Reserved();
            if (!IsAligned(start))
            {
                yield return Drop(start, SubHeap.MaxBytes);
                start = 0;
            }
        }

        if (start == 0)
        {
            yield return Reserve(0, 2 * SubHeap.MaxBytes);
            ulong whole = Reserved();
            if (whole == 0)
            {
                yield return Reserve(0, SubHeap.MaxBytes);
                start = Reserved();
                if (!IsAligned(start))
                    yield return Drop(start, SubHeap.MaxBytes);
                if (start == 0 || !IsAligned(start))
                    yield break;
            }
            else
            {
                start = (whole + SubHeap.MaxBytes - 1) & ~(SubHeap.MaxBytes - 1);
                if (start != whole)
                    yield return Drop(whole, start - whole);
                else
                    alignedHint = start + SubHeap.MaxBytes;
                yield return Drop(start + SubHeap.MaxBytes, SubHeap.MaxBytes - (start - whole));
            }
        }

        yield return Protect(start, bytes);
        if (new SyscallResult(Answer).IsError)
            yield return Drop(start, SubHeap.MaxBytes);
        else
            made = new SubHeap(start, bytes, previous);
    }

    private ulong Reserved() => new SyscallResult(Answer).IsError ? 0 : (ulong)Answer;

    private static bool IsAligned(ulong start) => (start & (SubHeap.MaxBytes - 1)) == 0;

    private static SyscallRequest Reserve(ulong at, ulong bytes) =>
        MapRequest(at, bytes, ProtFlags.None, MapFlags.NoReserve);

    private static SyscallRequest Drop(ulong start, ulong bytes) =>
        new() { Nr = SyscallNr.Munmap, A0 = start, A1 = bytes };

    private static SyscallRequest Protect(ulong start, ulong bytes) =>
        new() { Nr = SyscallNr.Mprotect, A0 = start, A1 = bytes, A2 = (ulong)ReadWrite };
}
