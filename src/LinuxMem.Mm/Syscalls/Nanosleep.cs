using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls;

/// <summary>
/// nanosleep(ns) and clock_nanosleep(clock, flags, ns): times are nanoseconds in a register, not structures.
/// </summary>
/// <remarks>Linux: kernel/time/hrtimer.c: hrtimer_nanosleep; posix-timers.c: clock_nanosleep, v6.18.</remarks>
public static class Nanosleep
{
    private const ulong Absolute = 1; // TIMER_ABSTIME

    /// <summary>Sleeps for a while; EINVAL for a time that is none.</summary>
    public static SyscallEffect For(in SyscallContext call, ulong ns) =>
        ns > long.MaxValue / 4 ? Fail(call) : Until(call, call.At.NowNs + (long)ns);

    /// <summary>Sleeps for a while, or until a moment: every clock starts with the machine.</summary>
    public static SyscallEffect OnClock(in SyscallContext call)
    {
        ulong ns = call.Request.A2;
        if ((call.Request.A1 & Absolute) == 0)
            return For(call, ns);
        return ns > long.MaxValue / 4 ? Fail(call) : Until(call, (long)ns);
    }

    private static SyscallEffect Fail(in SyscallContext call)
    {
        call.Task.Result = SyscallResult.Fail(Errno.EINVAL);
        return new SyscallEffect(TrapAction.Resume);
    }

    private static SyscallEffect Until(in SyscallContext call, long wakeAtNs)
    {
        call.Task.Result = default;
        if (wakeAtNs <= call.At.NowNs)
            return new SyscallEffect(TrapAction.Resume);
        call.Task.State = TaskState.Sleeping;
        call.Task.InSleepCall = true;
        return new SyscallEffect(TrapAction.Block, wakeAtNs);
    }
}
