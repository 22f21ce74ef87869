using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Uaccess;

/// <summary>Copies between the kernel and user memory, page by page.</summary>
/// <remarks>
/// Linux: include/linux/uaccess.h: copy_to_user, copy_from_user, clear_user, v6.18. What was copied is in
/// <see cref="CallProgress.Copied"/>: less than asked for, and no signal, where an address is bad. Bytes move where the
/// machine keeps bytes; where it keeps a tag a page, a page that the kernel wrote to has the tag 0.
/// </remarks>
public sealed class UserCopy
{
    private readonly KernelMemory memory;
    private readonly UserPages users;
    private readonly IMmObserver observer;

    /// <summary>Over one machine's memory.</summary>
    public UserCopy(KernelMemory memory, UserPages users, IMmObserver observer)
    {
        this.memory = memory;
        this.users = users;
        this.observer = observer;
    }

    /// <summary>Copies bytes to the caller's memory.</summary>
    public IEnumerator<PageLookup> CopyToUser(CallProgress call, ulong to, ReadOnlyMemory<byte> from) =>
        CopyToUser(call, call.Mm, to, from);

    /// <summary>Copies bytes to the memory of an address space.</summary>
    public IEnumerator<PageLookup> CopyToUser(CallProgress call, Mm mm, ulong to, ReadOnlyMemory<byte> from)
    {
        ulong done = 0;
        ulong end = Allowed(FaultSite.CopyToUser, from.Length);
        while (done < end)
        {
            ulong va = to + done;
            if (!users.TryReach(mm, va, AccessKind.Write, call.At, out Pfn pfn))
            {
                for (var reach = users.Reach(call, mm, va, AccessKind.Write); reach.MoveNext();)
                    yield return reach.Current;
                pfn = call.Reached;
                if (pfn.IsNone)
                    break;
            }

            int part = Part(va, (ulong)from.Length - done);
            Put(mm, pfn, va, from.Span.Slice((int)done, part));
            done += (ulong)part;
        }

        Note(call, from.Span[..(int)done]);
        call.Copied = done;
    }

    /// <summary>Copies bytes from the caller's memory.</summary>
    public IEnumerator<PageLookup> CopyFromUser(CallProgress call, ulong from, Memory<byte> into) =>
        CopyFromUser(call, call.Mm, from, into);

    /// <summary>Copies bytes from the memory of an address space.</summary>
    public IEnumerator<PageLookup> CopyFromUser(CallProgress call, Mm mm, ulong from, Memory<byte> into)
    {
        ulong done = 0;
        ulong end = Allowed(FaultSite.CopyFromUser, into.Length);
        while (done < end)
        {
            ulong va = from + done;
            if (!users.TryReach(mm, va, AccessKind.Read, call.At, out Pfn pfn))
            {
                for (var reach = users.Reach(call, mm, va, AccessKind.Read); reach.MoveNext();)
                    yield return reach.Current;
                pfn = call.Reached;
                if (pfn.IsNone)
                    break;
            }

            int part = Part(va, (ulong)into.Length - done);
            memory.Ram.ReadBytes(pfn, (int)(va & memory.Geometry.PageOffsetMask), into.Span.Slice((int)done, part));
            done += (ulong)part;
        }

        Note(call, into.Span[..(int)done]);
        call.Copied = done;
    }

    /// <summary>Zeroes a range of the caller's memory.</summary>
    public IEnumerator<PageLookup> ClearUser(CallProgress call, ulong to, ulong count)
    {
        byte[] zeros = new byte[memory.Geometry.PageBytes];
        ulong done = 0;
        while (done < count)
        {
            int part = Part(to + done, count - done);
            for (var copy = CopyToUser(call, to + done, zeros.AsMemory(0, part)); copy.MoveNext();)
                yield return copy.Current;
            done += call.Copied;
            if (call.Copied < (ulong)part)
                break;
        }

        call.Copied = done;
    }

    /// <summary>Faults a range of the caller's memory in for an access that copies nothing.</summary>
    public IEnumerator<PageLookup> Touch(CallProgress call, ulong from, ulong count, AccessKind kind)
    {
        ulong done = 0;
        while (done < count)
        {
            ulong va = from + done;
            if (!users.TryReach(call.Mm, va, kind, call.At, out _))
            {
                for (var reach = users.Reach(call, call.Mm, va, kind); reach.MoveNext();)
                    yield return reach.Current;
                if (call.Reached.IsNone)
                    break;
            }

            done += (ulong)Part(va, count - done);
        }

        call.Copied = done;
    }

    /// <summary>How many of so many bytes a copy may move: all, or none where it is to fail (fail_usercopy).</summary>
    public ulong Allowed(FaultSite site, int bytes) =>
        memory.Faults is { } faults && bytes > 0 && faults.Fails(site, bytes) ? 0 : (ulong)bytes;

    /// <summary>Fills a page that was mapped just now.</summary>
    public void StorePage(Mm mm, ulong va, Pfn page, ReadOnlySpan<byte> bytes) => Put(mm, page, va, bytes);

    private int Part(ulong va, ulong left) =>
        (int)Math.Min(left, memory.Geometry.PageBytes - (va & memory.Geometry.PageOffsetMask));

    private void Put(Mm mm, Pfn pfn, ulong va, ReadOnlySpan<byte> bytes)
    {
        int offset = (int)(va & memory.Geometry.PageOffsetMask);
        memory.Ram.WriteBytes(pfn, offset, bytes);
        if (memory.Ram.Contents == ContentMode.None)
            return;
        if (memory.Ram.Contents == ContentMode.Tags)
        {
            observer.Stored(mm, va, memory.Ram.ReadWord(pfn, 0));
            return;
        }

        ulong page = va & ~memory.Geometry.PageOffsetMask;
        for (int word = offset & ~7; word < offset + bytes.Length; word += 8)
            observer.Stored(mm, page + (ulong)word, memory.Ram.ReadWord(pfn, word));
    }

    // For those who want to see what a call copied.
    internal static void Note(CallProgress call, ReadOnlySpan<byte> bytes)
    {
        if (call.Operands is { WantsCopied: true } operands)
            operands.Copied.AddRange(bytes);
    }
}
