using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Futexes;

namespace LinuxMem.Mm.Syscalls.User.Futexes;

/// <summary>futex_wake, futex_wait, futex_requeue, futex_waitv.</summary>
/// <remarks>
/// Linux: kernel/futex/syscalls.c; waitwake.c: futex_wait_multiple, v6.18. FUTEX2_NUMA and FUTEX2_MPOL choose a table
/// of the kernel only, and the node in the second word is not looked at.
/// </remarks>
/// <param name="services">What futex calls have in common.</param>
/// <param name="futexes">Waiting at one word.</param>
internal sealed class Futex2Calls(FutexServices services, FutexCalls futexes)
{
    private const ulong Private = 128;
    private const ulong Numa = 4;
    private const ulong ValidFlags = Private | 8 | Numa | SizeMask;
    private const ulong SizeMask = 3;
    private const ulong Size32 = 2;
    private const int VectorMax = 128; // FUTEX_WAITV_MAX
    private const int EntryWords = 3; // struct futex_waitv: value, address, flags and nothing

    /// <summary>futex_wake(word, mask, count, flags): how many. EINVAL: flags, mask, address; EFAULT.</summary>
    public IEnumerator<PageLookup> Wake(CallProgress call)
    {
        SyscallRequest r = call.Request;
        bool isPrivate = (r.A3 & Private) != 0;
        Errno error = !AreFlags(r.A3) || r.A1 == 0 || r.A1 > uint.MaxValue
            ? Errno.EINVAL : Check(call, r.A0, r.A3);
        if (error != Errno.None || (int)r.A2 == 0) // FLAGS_STRICT: nobody means nobody
        {
            if (error != Errno.None)
                call.Fail(error);
            else
                call.Return(0);
            yield break;
        }

        call.Result = services.Table.Wake(
            FutexAddress.KeyOf(call.Mm, r.A0, isPrivate), (int)r.A2, (uint)r.A1);
    }

    /// <summary>
    /// futex_wait(word, value, mask, flags, until, clock). EINVAL: flags, value, mask, clock, time, address; EAGAIN;
    /// ETIMEDOUT; EINTR; EFAULT.
    /// </summary>
    public IEnumerator<PageLookup> Wait(CallProgress call)
    {
        SyscallRequest r = call.Request;
        call.Return(0);
        if (!AreFlags(r.A3) || r.A1 > uint.MaxValue || r.A2 > uint.MaxValue)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        var deadline = new FutexDeadline();
        for (var read = Until(call, deadline, r.A4, r.A5); read.MoveNext();)
            yield return read.Current;
        Errno error = r.A2 == 0 ? Errno.EINVAL : Check(call, r.A0, r.A3);
        if (!call.Result.IsError && error != Errno.None)
            call.Fail(error);
        if (call.Result.IsError)
            yield break;
        for (var wait = futexes.Wait(call, r.A1, (r.A3 & Private) != 0, (uint)r.A2, deadline); wait.MoveNext();)
            yield return wait.Current;
    }

    /// <summary>
    /// futex_requeue(waiters, flags, wakes, moves): from the first of two entries to the second, if the first word is
    /// its value. EINVAL: any flags, none or bad entries, a negative number; EAGAIN; EFAULT.
    /// </summary>
    public IEnumerator<PageLookup> Requeue(CallProgress call)
    {
        SyscallRequest r = call.Request;
        call.Return(0);
        var entries = new ulong[2 * EntryWords];
        for (var read = Entries(call, entries, r.A1 == 0); read.MoveNext();)
            yield return read.Current;
        if (call.Result.IsError)
            yield break;
        int wakes = (int)r.A2, moves = (int)r.A3;
        bool areAlike = entries[2] == entries[EntryWords + 2];
        Errno error = wakes < 0 || moves < 0 || !areAlike ? Errno.EINVAL : Check(call, entries[1], entries[2]);
        if (error == Errno.None)
            error = Check(call, entries[EntryWords + 1], entries[EntryWords + 2]);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        FutexKey from = KeyOf(call, entries, 0);
        for (var look = futexes.Compare(call, entries[1], from, (uint)entries[0]); look.MoveNext();)
            yield return look.Current;
        if (!call.Result.IsError)
            call.Result = services.Table.Requeue(from, KeyOf(call, entries, 1), wakes, moves);
    }

    /// <summary>
    /// futex_waitv(waiters, count, flags, until, clock): the number of one that was woken. EINVAL: any flags, no or
    /// more than 128 entries, bad ones, clock, time; EAGAIN: a word is not its value; ETIMEDOUT; EINTR; EFAULT.
    /// </summary>
    public IEnumerator<PageLookup> WaitV(CallProgress call)
    {
        SyscallRequest r = call.Request;
        call.Return(0);
        uint count = (uint)r.A1;
        bool isGood = (uint)r.A2 == 0 && count is > 0 and <= VectorMax && r.A0 != 0;
        var deadline = new FutexDeadline();
        if (isGood)
        {
            for (var read = Until(call, deadline, r.A3, r.A4); read.MoveNext();)
                yield return read.Current;
            if (call.Result.IsError)
                yield break;
        }

        var entries = new ulong[isGood ? count * EntryWords : 0];
        for (var read = Entries(call, entries, isGood); read.MoveNext();)
            yield return read.Current;
        for (int i = 0; i < entries.Length / EntryWords && !call.Result.IsError; i++)
        {
            Errno wrong = Check(call, entries[(i * EntryWords) + 1], entries[(i * EntryWords) + 2]);
            if (wrong != Errno.None)
                call.Fail(wrong);
        }

        for (int i = 0; i < entries.Length / EntryWords && !call.Result.IsError; i++)
        {
            for (var look = futexes.Compare(
                call, entries[(i * EntryWords) + 1], KeyOf(call, entries, i), (uint)entries[i * EntryWords]);
                look.MoveNext();)
                yield return look.Current;
        }

        if (call.Result.IsError)
            yield break;
        for (var wait = WaitForAny(call, entries, deadline); wait.MoveNext();)
            yield return wait.Current;
    }

    private IEnumerator<PageLookup> WaitForAny(CallProgress call, ulong[] entries, FutexDeadline deadline)
    {
        var vector = new FutexVector();
        var waiters = new FutexWaiter[entries.Length / EntryWords];
        for (int i = 0; i < waiters.Length; i++)
        {
            waiters[i] = new FutexWaiter(call.Task, KeyOf(call, entries, i), FutexTable.AnyBits) { Vector = vector };
            services.Table.Add(waiters[i]);
        }

        call.WaitsForFutex = true;
        call.WakeAtNs = deadline.Ns;
        try
        {
            if (!deadline.IsOver(call))
                yield return PageLookup.Wait;
        }
        finally
        {
            foreach (FutexWaiter waiter in waiters)
                services.Table.Remove(waiter);
            call.WaitsForFutex = false;
        }

        call.WakeAtNs = -1;
        int last = Array.FindLastIndex(waiters, waiter => waiter.IsWoken);
        if (last >= 0)
            call.Return(last);
        else
            call.Fail(call.IsInterrupted ? Errno.EINTR : Errno.ETIMEDOUT);
    }

    // Linux: kernel/futex/syscalls.c: futex2_setup_timeout, v6.18.
    private IEnumerator<PageLookup> Until(CallProgress call, FutexDeadline deadline, ulong address, ulong clock)
    {
        if (address == 0 && call.Operands?.Words is null)
            yield break;
        if ((int)clock is not (0 or 1))
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        for (var read = deadline.Read(call, services.Structs, address, isAbsolute: true); read.MoveNext();)
            yield return read.Current;
    }

    // Linux: kernel/futex/syscalls.c: futex_parse_waitv, v6.18: what is wrong with one comes before what is behind it.
    private IEnumerator<PageLookup> Entries(CallProgress call, ulong[] entries, bool isGood)
    {
        if (!isGood || call.Request.A0 == 0)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        byte[] raw = new byte[entries.Length * 8];
        for (var copy = services.Files.Copy.CopyFromUser(call, call.Request.A0, raw); copy.MoveNext();)
            yield return copy.Current;
        Buffer.BlockCopy(raw, 0, entries, 0, raw.Length);
        int whole = (int)(call.Copied / (EntryWords * 8));
        for (int i = 0; i < whole && !call.Result.IsError; i++)
        {
            ulong value = entries[i * EntryWords], flags = entries[(i * EntryWords) + 2];
            if (!AreFlags(flags) || value > uint.MaxValue)
                call.Fail(Errno.EINVAL);
        }

        if (!call.Result.IsError && whole < entries.Length / EntryWords)
            call.Fail(Errno.EFAULT);
    }

    private static bool AreFlags(ulong flags) => (flags & ~ValidFlags) == 0 && (flags & SizeMask) == Size32;

    private static Errno Check(CallProgress call, ulong address, ulong flags) =>
        (flags & Numa) != 0 && address % (2 * FutexAddress.WordBytes) != 0
            ? Errno.EINVAL : FutexAddress.Check(call.Mm, address, (flags & Private) != 0);

    private static FutexKey KeyOf(CallProgress call, ulong[] entries, int entry) => FutexAddress.KeyOf(
        call.Mm, entries[(entry * EntryWords) + 1], (entries[(entry * EntryWords) + 2] & Private) != 0);
}
