using LinuxMem.Abi;

namespace LinuxMem.Workloads.Malloc;

/// <summary>Changing sizes.</summary>
/// <remarks>glibc: malloc/malloc.c: __libc_realloc, mremap_chunk, _int_realloc, 2.41.</remarks>
public sealed partial class GnuMalloc
{
    private IEnumerable<SyscallRequest> ReallocSteps(MallocThread thread, ulong address, ulong bytes)
    {
        ulong size = Chunk.SizeFor(bytes);
        if (address == 0 || bytes == 0)
        {
            IEnumerable<SyscallRequest> other = address == 0 ? MallocSteps(thread, bytes) : FreeSteps(thread, address);
            foreach (SyscallRequest call in other)
                yield return call;
            yield break;
        }

        if (!used.TryGetValue(address, out Chunk? chunk))
            throw new ArgumentException($"realloc(): invalid pointer 0x{address:x}", nameof(address));
        if (chunk.Arena is not null)
        {
            foreach (SyscallRequest call in MakeCache(thread))
                yield return call;
        }

        given = null;
        if (size == 0)
        {
            Return(null);
            yield break;
        }

        IEnumerable<SyscallRequest> steps =
            chunk.Arena is null ? ResizeMapped(thread, chunk, size, bytes) : Resize(thread, chunk, size, bytes);
        foreach (SyscallRequest call in steps)
            yield return call;
        if (given is not null && given.Memory != address)
            used.Remove(address);
        Return(given);
    }

    private IEnumerable<SyscallRequest> ResizeMapped(MallocThread thread, Chunk chunk, ulong size, ulong bytes)
    {
        given = chunk;
        ulong wanted = Align(size + 8);
        if (wanted == chunk.Size)
            yield break;
        yield return new SyscallRequest
        {
            Nr = SyscallNr.Mremap,
            A0 = chunk.Address,
            A1 = chunk.Size,
            A2 = wanted,
            A3 = (ulong)MremapFlags.MayMove,
        };
        if (!new SyscallResult(Answer).IsError)
        {
            given = new Chunk((ulong)Answer, wanted, null);
            used.Remove(chunk.Memory);
            TouchSize(given);
            yield break;
        }

        if (chunk.Size - 8 >= size)
            yield break;
        foreach (SyscallRequest call in Give(thread, bytes))
            yield return call;
        if (given is null)
            yield break;
        CopyBytes(chunk, given, chunk.Size - Chunk.HeaderBytes);
        yield return Unmap(chunk);
    }

    private IEnumerable<SyscallRequest> Resize(MallocThread thread, Chunk chunk, ulong size, ulong bytes)
    {
        Arena arena = chunk.Arena!;
        if (chunk.Size < size && chunk.After == arena.Top && chunk.Size + arena.TopBytes >= size + Chunk.MinBytes)
        {
            chunk.Absorb();
            arena.Top = chunk.Split(size);
            TouchSize(chunk);
            TouchSize(arena.Top);
            given = chunk;
            yield break;
        }

        if (chunk.Size < size && chunk.After != arena.Top && chunk.After is { IsFree: true } next
            && chunk.Size + next.Size >= size)
        {
            arena.Bins.Remove(next);
            chunk.Absorb();
        }
        else if (chunk.Size < size)
        {
            foreach (SyscallRequest call in Allocate(thread, arena, size))
                yield return call;
            if (given is null || given != chunk.After)
            {
                foreach (SyscallRequest call in MoveOver(thread, chunk, bytes))
                    yield return call;
                yield break;
            }

            chunk.Absorb();
        }

        given = chunk;
        if (chunk.Size - size < Chunk.MinBytes)
            yield break;
        Chunk rest = chunk.Split(size);
        TouchSize(chunk);
        TouchSize(rest);
        foreach (SyscallRequest call in Release(thread, rest))
            yield return call;
        given = chunk;
    }

    // To the chunk that was found, or to one of another arena.
    private IEnumerable<SyscallRequest> MoveOver(MallocThread thread, Chunk chunk, ulong bytes)
    {
        if (given is null)
        {
            foreach (SyscallRequest call in Give(thread, bytes))
                yield return call;
        }

        if (given is not { } found)
            yield break;
        CopyBytes(chunk, found, chunk.Size - 8);
        foreach (SyscallRequest call in Release(thread, chunk))
            yield return call;
        given = found;
    }

    private void CopyBytes(Chunk from, Chunk to, ulong bytes)
    {
        Touches.Add(AccessKind.Read, from.Memory, bytes);
        Touches.Add(AccessKind.Write, to.Memory, bytes);
    }
}
