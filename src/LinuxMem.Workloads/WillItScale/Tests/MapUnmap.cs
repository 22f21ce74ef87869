using LinuxMem.Abi;

namespace LinuxMem.Workloads.WillItScale.Tests;

/// <summary>mmap1, mmap2: maps 128 MiB, anonymous or of a file, and unmaps it.</summary>
internal sealed class MapUnmap(bool isFile) : ScaleTask
{
    private const ulong Bytes = 128UL << 20;

    private protected override IEnumerator<bool> Run()
    {
        while (true)
        {
            yield return Mmap(Bytes, file: isFile ? $"/tmp/willitscale.{Number}" : null);
            yield return Call(SyscallNr.Munmap, Result, Bytes);
            Operations++;
        }
    }
}
