using System.Globalization;
using LinuxMem.Abi;
using LinuxMem.Workloads.Strace;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Mmfuzz;

/// <summary>
/// Leads the replay of a task of mmfuzz: compares each event with the model and tells what the log hides.
/// </summary>
internal sealed class MmfuzzGuide(MmfuzzTask task) : IArgumentGuide
{
    private const ulong NoPage = 1;
    private bool knowsHeap;

    /// <inheritdoc/>
    public bool TryGuide(StraceEvent next, GuideHints hints)
    {
        if (next.Kind != StraceEventKind.Call)
            return true;
        if (!knowsHeap && next.Nr == (int)SyscallNr.Brk && next.Result.IsSuccess)
        {
            task.HeapBeginsAt((ulong)next.Result.Value);
            knowsHeap = true;
        }

        MmfuzzCall? call = task.Next();
        if (call is null || (int)call.Nr != next.Nr)
        {
            string made = call is null ? "no more calls" : call.Nr.ToString();
            hints.StopReason = $"mmfuzz would make {made} here: another program or another version of it";
            return false;
        }

        foreach (MmfuzzTouch touch in call.Touches)
            hints.Touches.Add((touch.Kind, touch.Address, 1));
        for (int i = 0; i < call.Count; i++)
        {
            if (!Tell(next, call, i, hints))
                return false;
        }

        task.Answer(next.Result.IsKnown ? next.Result.Value : 0, Copied(next));
        return true;
    }

    /// <inheritdoc/>
    public IArgumentGuide Fork(StraceEvent fork) => new MmfuzzGuide(task.TakeChild()) { knowsHeap = true };

    // An argument that the log shows must be the model's; one that it does not show is the model's.
    private bool Tell(StraceEvent next, MmfuzzCall call, int index, GuideHints hints)
    {
        bool isShown = call.Nr != SyscallNr.Clone && index < next.Arguments.Count && next[index].IsNumber;
        if (!isShown)
        {
            if (call.Knows(index))
                TellHidden(call, index, hints);
            else if (call.Nr == SyscallNr.Mremap && next.Result.Error == "EINVAL")
                hints.NewAddress = NoPage; // nobody knows what was in the register, but it was no address of a page
            return true;
        }

        ulong shown = next[index].Number;
        if (!call.Knows(index) || Same(shown, call.Arguments[index]))
            return true;
        if (call.Nr == SyscallNr.Mincore && index == 2)
        {
            task.LocalBufferIs(shown);
            return true;
        }

        hints.StopReason = string.Create(CultureInfo.InvariantCulture,
            $"mmfuzz would pass 0x{call.Arguments[index]:x} as argument {index} of {next.Name}: another version of it");
        return false;
    }

    private static void TellHidden(MmfuzzCall call, int index, GuideHints hints)
    {
        ulong value = call.Arguments[index];
        switch (call.Nr)
        {
            case SyscallNr.Read or SyscallNr.Pread64 or SyscallNr.Getrusage when index == 1:
                hints.Buffer = value;
                break;
            case SyscallNr.Pwrite64 when index == 1:
                // The program has filled it with what the log shows: that is what the call takes.
                hints.Touches.Add((AccessKind.Write, value, 1));
                hints.Touches.Add((AccessKind.Write, value + call.Arguments[2] - 1, 1));
                break;
            case SyscallNr.Write when index == 1:
                hints.Buffer = value;
                hints.TracerReads.Add((value, call.Arguments[2]));
                break;
            case SyscallNr.Openat when index == 1:
                hints.TracerReads.Add((value, 1));
                break;
            case SyscallNr.Mincore when index == 2:
                hints.Vector = value;
                break;
            case SyscallNr.Mremap when index == 4:
                hints.NewAddress = value;
                break;
            default:
                break;
        }
    }

    // Descriptors are 32 bits wide, and strace shows -1 and AT_FDCWD so.
    private static bool Same(ulong shown, ulong known) =>
        shown == known || ((long)known < 0 && (uint)shown == (uint)known && shown >> 32 is 0 or uint.MaxValue);

    private static byte[] Copied(StraceEvent call)
    {
        switch ((SyscallNr)call.Nr)
        {
            case SyscallNr.Read or SyscallNr.Pread64 when call[1].Kind == StraceValueKind.Text:
                return call[1].Bytes;
            case SyscallNr.Mincore when call[2].Kind == StraceValueKind.Array:
                return [.. call[2].Items.Select(static page => (byte)page.Value.Number)];
            case SyscallNr.Wait4 when ExitCode(call[1].ToString()) is { } code:
                return MmfuzzTask.ExitStatus(code);
            default:
                return [];
        }
    }

    // "[{WIFEXITED(s) && WEXITSTATUS(s) == 1}]"
    private static int? ExitCode(string status)
    {
        const string word = "WEXITSTATUS(s) == ";
        int at = status.IndexOf(word, StringComparison.Ordinal);
        if (at < 0)
            return null;
        ReadOnlySpan<char> rest = status.AsSpan(at + word.Length);
        int end = rest.IndexOfAnyExceptInRange('0', '9');
        return int.Parse(end < 0 ? rest : rest[..end], NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
