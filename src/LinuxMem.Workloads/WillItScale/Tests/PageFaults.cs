using LinuxMem.Abi;

namespace LinuxMem.Workloads.WillItScale.Tests;

/// <summary>What page_fault1 to 3 fault in.</summary>
internal enum FaultKindOf
{
    Anonymous,
    PrivateFile,
    SharedFile,
}

/// <summary>page_fault1, page_fault2, page_fault3: maps memory, writes to each of its pages, unmaps it.</summary>
/// <remarks>
/// The file is 4 MiB, not 128 as in will-it-scale, so that all of it is in the page cache at the start, as it is there
/// after the first pass.
/// </remarks>
/// <param name="kind">What is mapped.</param>
/// <param name="anonymousBytes">How much of it, if it is anonymous.</param>
internal sealed class PageFaults(FaultKindOf kind, ulong anonymousBytes) : ScaleTask
{
    private const ulong FileBytes = 4UL << 20;
    private const int PagesPerTurn = 16;
    private ulong region;

    private string? Path => kind == FaultKindOf.Anonymous ? null : $"/tmp/willitscale.{Number}";

    private ulong Bytes => kind == FaultKindOf.Anonymous ? anonymousBytes : FileBytes;

    private protected override IEnumerator<bool> Prepare()
    {
        if (Path is not null)
        {
            yield return Mmap(FileBytes, shared: true, Path);
            ulong file = Result;
            yield return Touch(AccessKind.Read, file, (int)(FileBytes / PageBytes));
            yield return Call(SyscallNr.Munmap, file, FileBytes);
        }

        yield return Mmap(Bytes, kind == FaultKindOf.SharedFile, Path);
        region = Result;
    }

    private protected override IEnumerator<bool> Run()
    {
        while (true)
        {
            for (ulong at = 0; at < Bytes; at += PagesPerTurn * PageBytes)
            {
                yield return Touch(AccessKind.Write, region + at, PagesPerTurn);
                Operations += PagesPerTurn;
            }

            yield return Call(SyscallNr.Munmap, region, Bytes);
            yield return Mmap(Bytes, kind == FaultKindOf.SharedFile, Path);
            region = Result;
        }
    }
}
