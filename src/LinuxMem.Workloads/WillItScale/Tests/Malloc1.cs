using LinuxMem.Abi;

namespace LinuxMem.Workloads.WillItScale.Tests;

/// <summary>
/// malloc1: malloc of 128 MiB and free. glibc maps so much by itself, and writes a header to the first page.
/// </summary>
internal sealed class Malloc1 : ScaleTask
{
    private const ulong Bytes = 128UL << 20;

    private protected override IEnumerator<bool> Run()
    {
        while (true)
        {
            yield return Mmap(Bytes + PageBytes);
            ulong chunk = Result;
            Touch(AccessKind.Write, chunk);
            yield return Call(SyscallNr.Munmap, chunk, Bytes + PageBytes);
            Operations++;
        }
    }
}
