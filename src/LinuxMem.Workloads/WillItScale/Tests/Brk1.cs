using LinuxMem.Abi;

namespace LinuxMem.Workloads.WillItScale.Tests;

/// <summary>brk1: the heap grows by a page and shrinks again.</summary>
/// <remarks>
/// The heap has something in it, as that of a program that has called malloc and printf: growing extends its VMA, and
/// shrinking splits it. Threads do it to one heap: a brk that finds it as it wants it changes nothing.
/// </remarks>
internal sealed class Brk1(ScaleMode mode) : ScaleTask
{
    private const ulong HeapBytes = 132UL << 10; // what malloc asks for first: M_TOP_PAD

    private protected override IEnumerator<bool> Prepare()
    {
        if (mode == ScaleMode.Threads && Number > 0)
            yield break;
        yield return Call(SyscallNr.Brk);
        ulong heap = Result;
        yield return Call(SyscallNr.Brk, heap + HeapBytes);
        yield return Touch(AccessKind.Write, heap);
    }

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
