using LinuxMem.Abi;

namespace LinuxMem.Workloads.WillItScale.Tests;

/// <summary>tlb_flush1, tlb_flush2: writes to a page, drops it (MADV_DONTNEED), reads it.</summary>
/// <remarks>The file is 4 MiB, not 128 as in will-it-scale, and in the page cache from the start.</remarks>
internal sealed class TlbFlush(bool isFile) : ScaleTask
{
    private const ulong FileBytes = 4UL << 20;
    private const ulong MemoryBytes = 1UL << 20;
    private ulong region;

    private string? Path => isFile ? $"/tmp/willitscale.{Number}" : null;

    private ulong Bytes => isFile ? FileBytes : MemoryBytes;

    private protected override IEnumerator<bool> Prepare()
    {
        yield return Mmap(Bytes, file: Path);
        region = Result;
        if (!isFile)
            yield break;
        yield return Touch(AccessKind.Read, region, (int)(Bytes / PageBytes));
        yield return Call(SyscallNr.Madvise, region, Bytes, (ulong)Advice.DontNeed);
    }

    private protected override IEnumerator<bool> Run()
    {
        while (true)
        {
            for (ulong at = 0; at < Bytes; at += PageBytes)
            {
                Touch(AccessKind.Write, region + at);
                yield return Call(SyscallNr.Madvise, region + at, PageBytes, (ulong)Advice.DontNeed);
                yield return Touch(AccessKind.Read, region + at);
                Operations++;
            }

            yield return Call(SyscallNr.Munmap, region, Bytes);
            yield return Mmap(Bytes, file: Path);
            region = Result;
        }
    }
}
