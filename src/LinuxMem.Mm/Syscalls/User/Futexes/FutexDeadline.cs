using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;

namespace LinuxMem.Mm.Syscalls.User.Futexes;

/// <summary>Until when a futex call waits, as its caller gave it.</summary>
/// <remarks>
/// Linux: kernel/futex/syscalls.c: futex_init_timeout, futex2_setup_timeout, v6.18: before anything else is looked at.
/// Every clock starts with the machine.
/// </remarks>
internal sealed class FutexDeadline
{
    /// <summary>The moment; -1 for never.</summary>
    public long Ns { get; private set; } = -1;

    /// <summary>Whether it is over.</summary>
    public bool IsOver(CallProgress call) => Ns >= 0 && Ns <= call.At.NowNs;

    /// <summary>
    /// Reads a struct timespec: at an address that is not 0, or from the operands. The call fails with EFAULT or, if it
    /// is no time, EINVAL.
    /// </summary>
    public IEnumerator<PageLookup> Read(CallProgress call, UserStructs structs, ulong address, bool isAbsolute)
    {
        call.Return(0);
        if (address == 0 && call.Operands?.Words is null)
            yield break;
        var time = new ulong[2];
        for (var read = structs.Read(call, address, time); read.MoveNext();)
            yield return read.Current;
        if (call.Copied < 16)
            call.Fail(Errno.EFAULT);
        else if (time[0] >= 1UL << 33 || time[1] >= 1_000_000_000)
            call.Fail(Errno.EINVAL);
        else
            Ns = (isAbsolute ? 0 : call.At.NowNs) + ((long)time[0] * 1_000_000_000) + (long)time[1];
    }
}
