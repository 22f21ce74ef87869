using LinuxMem.Abi;

namespace LinuxMem.Workloads.WillItScale.Tests;

/// <summary>context_switch1: two tasks that wake each other through two pipes.</summary>
internal sealed class ContextSwitch1(ScaleMode mode) : ScaleTask
{
    private const ulong ThreadFlags =
        (ulong)(CloneFlags.Vm | CloneFlags.Files | CloneFlags.SigHand | CloneFlags.Thread);

    private const int DescriptorsEach = 4;

    // It would be on one CPU with whom it wakes.
    private protected override bool IsPinned => false;

    private static SyscallOperands OneByte { get; } = new() { BuffersUnknown = true };

    private int First => 100 + (Number * DescriptorsEach);

    private protected override IEnumerator<bool> Prepare()
    {
        yield return MakePipe(First);
        yield return MakePipe(First + 2);
        var child = new PipeEcho(First, First + 3);
        yield return mode == ScaleMode.Threads
            ? Call(SyscallNr.Clone, ThreadFlags, child: child) : Call(SyscallNr.Fork, child: child);
    }

    private protected override IEnumerator<bool> Run()
    {
        while (true)
        {
            yield return Call(SyscallNr.Write, (ulong)First + 1, 0, 1, operands: OneByte);
            yield return Call(SyscallNr.Read, (ulong)First + 2, 0, 1, operands: OneByte);
            Operations += 2;
        }
    }

    private bool MakePipe(int first) => Call(SyscallNr.Pipe2, operands: new SyscallOperands
    {
        BuffersUnknown = true,
        WantedId = first,
        WantedId2 = first + 1,
    });

    private sealed class PipeEcho(int from, int to) : ScaleTask
    {
        private protected override IEnumerator<bool> Run()
        {
            while (true)
            {
                yield return Call(SyscallNr.Read, (ulong)from, 0, 1, operands: OneByte);
                yield return Call(SyscallNr.Write, (ulong)to, 0, 1, operands: OneByte);
            }
        }
    }
}

/// <summary>fork1: a child that exits at once, and the wait for it.</summary>
internal sealed class Fork1 : ScaleTask
{
    private protected override IEnumerator<bool> Run()
    {
        while (true)
        {
            yield return Call(SyscallNr.Fork, child: new Exits());
            yield return Call(SyscallNr.Wait4, Result);
            Operations++;
        }
    }

    private sealed class Exits : ScaleTask
    {
        private protected override IEnumerator<bool> Run()
        {
            yield break;
        }
    }
}
