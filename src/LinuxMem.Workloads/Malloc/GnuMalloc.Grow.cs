using LinuxMem.Abi;

namespace LinuxMem.Workloads.Malloc;

/// <summary>Getting memory from the kernel: by mmap for one chunk, by brk, by more of a heap.</summary>
/// <remarks>glibc: malloc/malloc.c: sysmalloc, sysmalloc_mmap, sysmalloc_mmap_fallback; misc/sbrk.c, 2.41.</remarks>
public sealed partial class GnuMalloc
{
    private const ProtFlags ReadWrite = ProtFlags.Read | ProtFlags.Write;
    private const ulong FallbackBytes = 1 << 20;

    private IEnumerable<SyscallRequest> Grow(MallocThread thread, Arena? arena, ulong size)
    {
        bool mapped = arena is null || (size >= mmapThreshold && mappedChunks < MappedChunksMax);
        if (mapped)
        {
            foreach (SyscallRequest call in MapChunk(size))
                yield return call;
        }

        if (given is not null || arena is null)
            yield break;
        IEnumerable<SyscallRequest> more =
            arena.IsMain ? GrowBreak(thread, arena, size) : GrowHeap(thread, arena, size, mayMap: !mapped);
        foreach (SyscallRequest call in more)
            yield return call;
        if (given is null)
            TakeTop(arena, size);
    }

    private IEnumerable<SyscallRequest> MapChunk(ulong size)
    {
        // No chunk follows whose first word it could use: one size more.
        ulong bytes = Align(size + 8);
        yield return MapRequest(0, bytes, ReadWrite, MapFlags.None);
        if (new SyscallResult(Answer).IsError)
            yield break;
        given = new Chunk((ulong)Answer, bytes, null);
        mappedChunks++;
        TouchSize(given);
    }

    private SyscallRequest Unmap(Chunk chunk)
    {
        mappedChunks--;
        return new SyscallRequest { Nr = SyscallNr.Munmap, A0 = chunk.Address, A1 = chunk.Size };
    }

    private IEnumerable<SyscallRequest> GrowBreak(MallocThread thread, Arena arena, ulong size)
    {
        ulong oldBytes = arena.TopBytes;
        ulong more = Align(size + TopPadBytes + Chunk.MinBytes - (arena.IsContiguous ? oldBytes : 0));
        foreach (SyscallRequest call in MoveBreak((long)more))
            yield return call;
        ulong start = got;
        ulong end = 0;
        if (start == 0)
        {
            if (arena.IsContiguous)
                more = (more + oldBytes + FallbackBytes - 1) & ~(FallbackBytes - 1);
            yield return MapRequest(0, more, ReadWrite, MapFlags.None);
            if (new SyscallResult(Answer).IsError)
                yield break;
            start = (ulong)Answer;
            end = start + more;
            arena.IsContiguous = false;
        }

        if (end == 0 && arena.Top is { } top && start == top.End)
        {
            top.Size += more;
            TouchSize(top);
            arena.HighestEnd = Math.Max(arena.HighestEnd, top.End);
            yield break;
        }

        foreach (SyscallRequest call in BeginTop(thread, arena, start, more, end))
            yield return call;
    }

    // The top goes on elsewhere: at the first call, or where somebody else has moved the break.
    private IEnumerable<SyscallRequest> BeginTop(
        MallocThread thread, Arena arena, ulong start, ulong bytes, ulong end)
    {
        ulong aligned = (start + Chunk.Alignment - 1) & ~(Chunk.Alignment - 1);
        ulong correction = 0;
        if (arena.IsContiguous)
        {
            correction = aligned - start + arena.TopBytes;
            correction += Align(start + bytes + correction) - (start + bytes + correction);
            foreach (SyscallRequest call in MoveBreak((long)correction))
                yield return call;
            end = got;
            if (end == 0)
                correction = 0;
        }

        if (end == 0)
            end = currentBreak;
        Chunk? old = arena.Top;
        arena.Top = new Chunk(aligned, end - aligned + correction, arena);
        arena.HighestEnd = Math.Max(arena.HighestEnd, arena.Top.End);
        TouchSize(arena.Top);
        if (old is null)
            yield break;
        ulong kept = (old.Size - (2 * Chunk.HeaderBytes)) & ~(Chunk.Alignment - 1);
        if (kept < Chunk.MinBytes)
            yield break;
        TouchSize(old.Split(kept));
        foreach (SyscallRequest call in Release(thread, old))
            yield return call;
    }

    // sbrk: the old break in `got`, 0 if it was refused. The library asks for the break once, at first.
    private IEnumerable<SyscallRequest> MoveBreak(long bytes)
    {
        if (currentBreak == 0)
        {
            yield return new SyscallRequest { Nr = SyscallNr.Brk };
            currentBreak = (ulong)Answer;
        }

        got = currentBreak;
        if (bytes == 0)
            yield break;
        ulong old = currentBreak;
        ulong wanted = old + (ulong)bytes;
        yield return new SyscallRequest { Nr = SyscallNr.Brk, A0 = wanted };
        currentBreak = (ulong)Answer;
        got = currentBreak < wanted ? 0 : old;
    }

    // Bytes from the top's start that may not be zero.
    private static ulong DirtyTopBytes(Arena arena)
    {
        if (arena.Top is not { } top)
            return 0;
        ulong end = arena.Heap is { } heap ? heap.Start + heap.ProtectedBytes
            : arena.IsContiguous ? arena.HighestEnd : top.End;
        return Math.Max(top.Size, end > top.Address ? end - top.Address : 0);
    }

    private static SyscallRequest MapRequest(ulong at, ulong bytes, ProtFlags prot, MapFlags flags) => new()
    {
        Nr = SyscallNr.Mmap,
        A0 = at,
        A1 = bytes,
        A2 = (ulong)prot,
        A3 = (ulong)(flags | MapFlags.Private | MapFlags.Anonymous),
        A4 = ulong.MaxValue,
    };
}
