using LinuxMem.Abi;

namespace LinuxMem.Workloads.WillItScale.Tests;

/// <summary>brk1: the heap grows by a page and shrinks again.</summary>
internal sealed class Brk1 : ScaleTask
{
    private protected override IEnumerator<bool> Run()
    {
        yield return Call(SyscallNr.Brk);
        ulong end = Result;
        while (true)
        {
            yield return Call(SyscallNr.Brk, end + PageBytes);
            yield return Call(SyscallNr.Brk, end);
            Operations += 2;
        }
    }
}
