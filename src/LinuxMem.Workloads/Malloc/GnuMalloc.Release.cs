using LinuxMem.Abi;

namespace LinuxMem.Workloads.Malloc;

/// <summary>Freeing chunks, and giving memory back.</summary>
/// <remarks>glibc: malloc/malloc.c: _int_free, malloc_consolidate, systrim; arena.c: heap_trim, 2.41.</remarks>
public sealed partial class GnuMalloc
{
    private const ulong ConsolidateBytes = 64 << 10;

    private IEnumerable<SyscallRequest> Release(MallocThread thread, Chunk chunk)
    {
        Arena arena = chunk.Arena!;
        if (thread.HasRoom(chunk.Size))
        {
            PutCached(thread, chunk);
            yield break;
        }

        if (chunk.Size <= FastBytesMax)
        {
            arena.FastBins[FastIndex(chunk.Size)].Push(chunk);
            arena.HasFastChunks = true;
            Touches.Add(AccessKind.Write, chunk.Memory, 8);
            yield break;
        }

        if (Merge(arena, chunk, settings.IsGlibc241) < ConsolidateBytes)
            yield break;
        if (arena.HasFastChunks)
            Consolidate(arena);
        IEnumerable<SyscallRequest> trim = !arena.IsMain ? TrimHeap(arena)
            : arena.TopBytes >= trimThreshold ? TrimBreak(arena) : [];
        foreach (SyscallRequest call in trim)
            yield return call;
    }

    // Merges a chunk with free neighbours and the top; returns the bytes of what came of it.
    private ulong Merge(Arena arena, Chunk chunk, bool sortsSmall)
    {
        if (chunk.Before is { IsFree: true } before)
        {
            arena.Bins.Remove(before);
            before.Absorb();
            chunk = before;
        }

        if (chunk.After == arena.Top)
        {
            chunk.Absorb();
            arena.Top = chunk;
            TouchSize(chunk);
            return chunk.Size;
        }

        if (chunk.After is { IsFree: true } after)
        {
            arena.Bins.Remove(after);
            chunk.Absorb();
        }

        if (sortsSmall && ChunkBins.IsSmall(chunk.Size))
            arena.Bins.AddSorted(chunk);
        else
            arena.Bins.AddUnsorted(chunk);
        TouchFree(chunk);
        return chunk.Size;
    }

    // Empties the fast bins.
    private void Consolidate(Arena arena)
    {
        arena.HasFastChunks = false;
        foreach (Stack<Chunk> bin in arena.FastBins)
        {
            while (bin.TryPop(out Chunk? chunk))
                Merge(arena, chunk, sortsSmall: false);
        }
    }

    private ulong TrimBytes(Arena arena)
    {
        ulong area = arena.TopBytes - Chunk.MinBytes - 1;
        return arena.TopBytes <= Chunk.MinBytes || area <= TopPadBytes ? 0 : (area - TopPadBytes) & ~(PageBytes - 1);
    }

    private IEnumerable<SyscallRequest> TrimBreak(Arena arena)
    {
        ulong extra = TrimBytes(arena);
        // Somebody else may have moved the break.
        if (extra == 0 || currentBreak != arena.Top!.End)
            yield break;
        foreach (SyscallRequest call in MoveBreak(-(long)extra))
            yield return call;
        if (currentBreak >= arena.Top.End)
            yield break;
        arena.Top.Size -= arena.Top.End - currentBreak;
        TouchSize(arena.Top);
    }

    private IEnumerable<SyscallRequest> TrimHeap(Arena arena)
    {
        while (arena.Top!.Address == arena.Heap!.Start + SubHeap.InfoBytes && arena.Heap.Previous is { } previous)
        {
            Chunk fence = previous.Fence!;
            ulong bytes = fence.Size + (fence.Before is { IsFree: true } rest ? rest.Size : 0);
            if (bytes + (SubHeap.MaxBytes - previous.Bytes) < TopPadBytes + Chunk.MinBytes + PageBytes)
                break;
            if (arena.Heap.Start + SubHeap.MaxBytes == alignedHint)
                alignedHint = 0;
            yield return new SyscallRequest { Nr = SyscallNr.Munmap, A0 = arena.Heap.Start, A1 = SubHeap.MaxBytes };
            arena.Heap = previous;
            previous.Fence = null;
            arena.Top = fence;
            if (fence.Before is { IsFree: true } before)
            {
                arena.Bins.Remove(before);
                before.Absorb();
                arena.Top = before;
            }

            TouchSize(arena.Top);
        }

        ulong extra = arena.TopBytes < trimThreshold ? 0 : TrimBytes(arena);
        if (extra == 0)
            yield break;
        SubHeap heap = arena.Heap;
        heap.Bytes -= extra;
        yield return new SyscallRequest
        {
            Nr = SyscallNr.Madvise,
            A0 = heap.Start + heap.Bytes,
            A1 = extra,
            A2 = (ulong)Advice.DontNeed,
        };
        arena.Top.Size -= extra;
        TouchSize(arena.Top);
    }
}
