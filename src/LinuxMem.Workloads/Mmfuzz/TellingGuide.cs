using LinuxMem.Abi;
using LinuxMem.Workloads.Strace;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Mmfuzz;

/// <summary>
/// Leads the replay of a program that tells its own addresses (tests/tools/mmfuzz/mmfuzz2.c): by calls of lseek on the
/// descriptor -1, which fail. SEEK_SET: the next call's buffer is at that offset; SEEK_CUR: the program loads the byte
/// there; SEEK_END: it stores one.
/// </summary>
internal sealed class TellingGuide : IArgumentGuide
{
    private const ulong SeekSet = 0;
    private const ulong SeekCurrent = 1;
    private const ulong SeekEnd = 2;
    private ulong? buffer;
    private (AccessKind Kind, ulong Address)? touch;

    /// <inheritdoc/>
    public bool TryGuide(StraceEvent next, GuideHints hints)
    {
        // A signal that comes of the access is judged by making it: then it is not made here.
        if (touch is { } told && next.Kind != StraceEventKind.Signal)
            hints.Touches.Add((told.Kind, told.Address, 1));
        touch = null;

        if (next.Kind != StraceEventKind.Call)
            return true;
        if (IsWord(next))
        {
            Hear(next[1].Number, next[2].Number);
            return true;
        }

        if (buffer is { } address)
            Tell(next, address, hints);
        buffer = null;
        return true;
    }

    /// <inheritdoc/>
    public IArgumentGuide Fork(StraceEvent fork) => new TellingGuide();

    private static bool IsWord(StraceEvent call) =>
        call.Nr == (int)SyscallNr.Lseek && call[0].IsNumber && (uint)call[0].Number == uint.MaxValue;

    private void Hear(ulong address, ulong whence)
    {
        if (whence == SeekSet)
            buffer = address;
        else if (whence == SeekCurrent)
            touch = (AccessKind.Read, address);
        else if (whence == SeekEnd)
            touch = (AccessKind.Write, address);
    }

    private static void Tell(StraceEvent call, ulong address, GuideHints hints)
    {
        switch ((SyscallNr)call.Nr)
        {
            case SyscallNr.Mincore when !call[2].IsNumber:
                hints.Vector = address;
                break;
            case SyscallNr.Pwrite64:
                break; // the program has filled it with what the log shows
            case SyscallNr.Write:
                hints.TracerReads.Add((address, call[2].Number));
                hints.Buffer = address;
                break;
            case SyscallNr.Vmsplice:
                // Shown as contents, or as an address where the contents cannot be read to their end.
                if (call[1].Items.Count > 0 && call[1].Items[0].Value.Member("iov_len") is { } length)
                    hints.TracerReads.Add((address, length.Number));
                hints.Buffer = address;
                break;
            default:
                hints.Buffer = address;
                break;
        }
    }
}
