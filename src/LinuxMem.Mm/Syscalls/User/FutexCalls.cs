using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Futexes;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>futex: waiting on a word of memory, and waking who waits there.</summary>
/// <remarks>
/// Linux: kernel/futex/syscalls.c: do_futex; waitwake.c; requeue.c, v6.18. The word is compared where its contents are
/// known (contents: bytes); elsewhere it is taken to be what the caller expects. WAKE_OP, too, changes
/// the word there alone, and elsewhere takes its comparison to be true. Priority inheritance is ENOSYS.
/// </remarks>
public sealed class FutexCalls
{
    private const int Private = 128;
    private const int ClockRealtime = 256;
    private const ulong WordBytes = 4;
    private readonly FileServices services;
    private readonly UserStructs structs;
    private readonly FutexTable table;

    /// <summary>Over one machine.</summary>
    public FutexCalls(FileServices services, UserStructs structs, FutexTable table)
    {
        this.services = services;
        this.structs = structs;
        this.table = table;
    }

    private enum Operation
    {
        Wait = 0,
        Wake = 1,
        Requeue = 3,
        CompareRequeue = 4,
        WakeOp = 5,
        WaitBitset = 9,
        WakeBitset = 10,
    }

    /// <summary>
    /// futex(word, operation, value, timeout or second value, second word, third value). EINVAL: an odd address, no
    /// bits, a bad time; EAGAIN: the word is not what was expected; ETIMEDOUT; EINTR; EFAULT; ENOSYS: another
    /// operation.
    /// </summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        var operation = (Operation)((int)call.Request.A1 & ~(Private | ClockRealtime));
        bool isPrivate = (call.Request.A1 & Private) != 0;
        bool takesClock = operation is Operation.Wait or Operation.WaitBitset;
        if (!Enum.IsDefined(operation) || ((call.Request.A1 & ClockRealtime) != 0 && !takesClock))
            return FileServices.Fail(call, Errno.ENOSYS);
        uint bits = operation is Operation.WaitBitset or Operation.WakeBitset
            ? (uint)call.Request.A5 : FutexTable.AnyBits;
        Errno error = bits == 0 || call.Request.A0 % WordBytes != 0 ? Errno.EINVAL
            : call.Request.A0 >= call.Mm.Vmas.Tree.TaskSize ? Errno.EFAULT : Errno.None;
        if (error != Errno.None)
            return FileServices.Fail(call, error);
        return operation switch
        {
            Operation.Wait => Wait(call, isPrivate, bits, isAbsolute: false),
            Operation.WaitBitset => Wait(call, isPrivate, bits, isAbsolute: true),
            Operation.Wake or Operation.WakeBitset => FileServices.Done(call, new SyscallResult(
                table.Wake(KeyOf(call.Mm, call.Request.A0, isPrivate), (int)call.Request.A2, bits))),
            Operation.WakeOp => WakeOp(call, isPrivate),
            _ => Requeue(call, isPrivate, operation == Operation.CompareRequeue),
        };
    }

    /// <summary>The word of an address space that a futex lies in.</summary>
    public static FutexKey KeyOf(Mm mm, ulong address, bool isPrivate)
    {
        if (!isPrivate && mm.Vmas.Tree.FindContaining(address) is { Mapping: { } mapping } vma
            && (vma.Flags & VmFlags.Shared) != 0)
        {
            ulong inPage = mm.Context.Geometry.PageOffsetMask;
            return new FutexKey(true, mapping.Id, (vma.PageIndexOf(address) * (inPage + 1)) + (address & inPage));
        }

        return new FutexKey(false, mm.Id, address);
    }

    private IEnumerator<PageLookup> Wait(CallProgress call, bool isPrivate, uint bits, bool isAbsolute)
    {
        long deadlineNs = -1;
        if (call.Request.A3 != 0 || call.Operands?.Words is not null)
        {
            var time = new ulong[2];
            for (var read = structs.Read(call, call.Request.A3, time); read.MoveNext();)
                yield return read.Current;
            Errno error = call.Copied < 16 ? Errno.EFAULT : IsTime(time) ? Errno.None : Errno.EINVAL;
            if (error != Errno.None)
            {
                call.Fail(error);
                yield break;
            }

            long ns = ((long)time[0] * 1_000_000_000) + (long)time[1];
            deadlineNs = isAbsolute ? ns : call.At.NowNs + ns;
        }

        for (var look = Compare(call, (uint)call.Request.A2); look.MoveNext();)
            yield return look.Current;
        if (call.Result.IsError)
            yield break;
        var waiter = new FutexWaiter(call.Task, KeyOf(call.Mm, call.Request.A0, isPrivate), bits);
        table.Add(waiter);
        call.WakeAtNs = deadlineNs;
        try
        {
            yield return PageLookup.Wait;
        }
        finally
        {
            // Also if the task is killed.
            table.Remove(waiter);
        }

        call.WakeAtNs = -1;
        if (!waiter.IsWoken)
            call.Fail(call.IsInterrupted ? Errno.EINTR : Errno.ETIMEDOUT);
    }

    private IEnumerator<PageLookup> Requeue(CallProgress call, bool isPrivate, bool compares)
    {
        int wakes = (int)call.Request.A2, moves = (int)call.Request.A3;
        Errno error = wakes < 0 || moves < 0 || call.Request.A4 % WordBytes != 0 ? Errno.EINVAL
            : call.Request.A4 >= call.Mm.Vmas.Tree.TaskSize ? Errno.EFAULT : Errno.None;
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        if (compares)
        {
            for (var look = Compare(call, (uint)call.Request.A5); look.MoveNext();)
                yield return look.Current;
            if (call.Result.IsError)
                yield break;
        }

        FutexKey from = KeyOf(call.Mm, call.Request.A0, isPrivate), to = KeyOf(call.Mm, call.Request.A4, isPrivate);
        call.Return(table.Requeue(from, to, wakes, moves));
    }

    // Changes the second word, wakes who waits for the first, and if the second was what it was compared with, who
    // waits for that. Linux: kernel/futex/waitwake.c: futex_wake_op, v6.18.
    private IEnumerator<PageLookup> WakeOp(CallProgress call, bool isPrivate)
    {
        var change = new FutexChange((uint)call.Request.A5);
        Errno error = !change.IsKnown ? Errno.ENOSYS : call.Request.A4 % WordBytes != 0 ? Errno.EINVAL
            : call.Request.A4 >= call.Mm.Vmas.Tree.TaskSize ? Errno.EFAULT : Errno.None;
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        bool isTrue = true;
        if (call.Operands is not { BuffersUnknown: true })
        {
            byte[] word = new byte[WordBytes];
            for (var copy = services.Copy.CopyFromUser(call, call.Request.A4, word); copy.MoveNext();)
                yield return copy.Current;
            uint old = BinaryPrimitives.ReadUInt32LittleEndian(word);
            if (call.Copied == WordBytes)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(word, change.Apply(old));
                for (var copy = services.Copy.CopyToUser(call, call.Request.A4, word); copy.MoveNext();)
                    yield return copy.Current;
            }

            if (call.Copied < WordBytes)
            {
                call.Fail(Errno.EFAULT);
                yield break;
            }

            isTrue = services.Memory.Ram.Contents != ContentMode.Bytes || change.Compare(old);
        }

        long woken = table.Wake(KeyOf(call.Mm, call.Request.A0, isPrivate), (int)call.Request.A2);
        if (isTrue)
            woken += table.Wake(KeyOf(call.Mm, call.Request.A4, isPrivate), (int)call.Request.A3);
        call.Return(woken);
    }

    // Reads the word, which faults its page in. EFAULT, EAGAIN.
    private IEnumerator<PageLookup> Compare(CallProgress call, uint expected)
    {
        call.Return(0);
        if (call.Operands is { BuffersUnknown: true })
            yield break;
        byte[] word = new byte[WordBytes];
        for (var copy = services.Copy.CopyFromUser(call, call.Request.A0, word); copy.MoveNext();)
            yield return copy.Current;
        bool isKnown = services.Memory.Ram.Contents == ContentMode.Bytes;
        if (call.Copied < WordBytes)
            call.Fail(Errno.EFAULT);
        else if (isKnown && BinaryPrimitives.ReadUInt32LittleEndian(word) != expected)
            call.Fail(Errno.EAGAIN);
    }

    private static bool IsTime(ulong[] time) => time[0] < 1UL << 33 && time[1] < 1_000_000_000;
}
