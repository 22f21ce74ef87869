using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Uaccess;

/// <summary>Copies between the kernel and the ranges of a <see cref="UserBuffer"/>.</summary>
/// <remarks>
/// Linux: lib/iov_iter.c: copy_to_iter, copy_from_iter, v6.18. <see cref="CallProgress.Copied"/> says how much: less
/// than asked for where an address is bad, and the buffer stands there.
/// </remarks>
public sealed class BufferCopy
{
    private readonly UserCopy copy;

    /// <summary>With a way to copy ranges.</summary>
    public BufferCopy(UserCopy copy) => this.copy = copy;

    /// <summary>Copies bytes to user memory.</summary>
    public IEnumerator<PageLookup> Out(CallProgress call, UserBuffer to, ReadOnlyMemory<byte> bytes)
    {
        ulong done = 0;
        while (done < (ulong)bytes.Length && to.Left > 0)
        {
            IoVec range = to.Next;
            int part = (int)Math.Min(Math.Min(range.Length, to.Left), (ulong)bytes.Length - done);
            ReadOnlyMemory<byte> piece = bytes.Slice((int)done, part);
            if (to.Kernel is { } kernel)
            {
                piece.CopyTo(kernel[(int)to.Passed..]);
                call.Copied = (ulong)part;
            }
            else if (to.IsUnknown)
            {
                call.Copied = copy.Allowed(FaultSite.CopyToUser, part);
                UserCopy.Note(call, piece.Span[..(int)call.Copied]);
            }
            else
            {
                for (var steps = copy.CopyToUser(call, range.Base, piece); steps.MoveNext();)
                    yield return steps.Current;
            }

            to.Advance(call.Copied);
            done += call.Copied;
            if (call.Copied < (ulong)part)
                break;
        }

        call.Copied = done;
    }

    /// <summary>Copies bytes from user memory.</summary>
    public IEnumerator<PageLookup> In(CallProgress call, UserBuffer from, Memory<byte> bytes)
    {
        ulong done = 0;
        while (done < (ulong)bytes.Length && from.Left > 0)
        {
            IoVec range = from.Next;
            int part = (int)Math.Min(Math.Min(range.Length, from.Left), (ulong)bytes.Length - done);
            Memory<byte> piece = bytes.Slice((int)done, part);
            if (from.Kernel is { } kernel)
            {
                kernel.Slice((int)from.Passed, part).CopyTo(piece);
                call.Copied = (ulong)part;
            }
            else if (from.IsUnknown)
            {
                call.Copied = copy.Allowed(FaultSite.CopyFromUser, part);
                TakeOutgoing(call, from.Passed, piece.Span[..(int)call.Copied]);
            }
            else
            {
                for (var steps = copy.CopyFromUser(call, range.Base, piece); steps.MoveNext();)
                    yield return steps.Current;
            }

            from.Advance(call.Copied);
            done += call.Copied;
            if (call.Copied < (ulong)part)
                break;
        }

        call.Copied = done;
    }

    private static void TakeOutgoing(CallProgress call, ulong from, Span<byte> into)
    {
        ReadOnlySpan<byte> known = call.Operands!.Outgoing.Span;
        into.Clear();
        if (from < (ulong)known.Length)
        {
            known = known[(int)from..];
            known[..Math.Min(known.Length, into.Length)].CopyTo(into);
        }

        UserCopy.Note(call, into);
    }
}
