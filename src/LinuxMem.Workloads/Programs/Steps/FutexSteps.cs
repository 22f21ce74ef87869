using LinuxMem.Abi;

namespace LinuxMem.Workloads.Programs.Steps;

/// <summary>
/// futex(FUTEX_WAIT) on a word of a region, whatever its value: waits for a wake, or for a time. A wake that comes
/// before the wait is lost.
/// </summary>
/// <param name="Region">Name of the region.</param>
/// <param name="Offset">Bytes from its start; a multiple of 4.</param>
/// <param name="TimeoutNs">For how long at most; null for ever. That it passes is no error.</param>
public sealed record FutexWaitStep(string Region, ulong Offset, ulong? TimeoutNs)
    : RegionCallStep(Region, Offset, FutexWakeStep.WordBytes)
{
    internal override bool Advance(StepContext context, AccessBatch batch) =>
        (context.Phase == 1 && context.Last.Errno == Errno.ETIMEDOUT) || base.Advance(context, batch);

    private protected override SyscallRequest Call(StepContext context) => new()
    {
        Nr = SyscallNr.Futex,
        A0 = Range(context).Start,
        Operands = new SyscallOperands
        {
            BuffersUnknown = true,
            Words = TimeoutNs is { } ns ? [ns / 1_000_000_000, ns % 1_000_000_000] : null,
        },
    };
}

/// <summary>futex(FUTEX_WAKE): wakes those who have waited longest.</summary>
/// <param name="Region">Name of the region.</param>
/// <param name="Offset">Bytes from its start; a multiple of 4.</param>
/// <param name="Count">How many at most.</param>
public sealed record FutexWakeStep(string Region, ulong Offset, ulong Count)
    : RegionCallStep(Region, Offset, WordBytes)
{
    /// <summary>Bytes of a futex.</summary>
    public const ulong WordBytes = 4;

    private protected override SyscallRequest Call(StepContext context) => new()
    {
        Nr = SyscallNr.Futex,
        A0 = Range(context).Start,
        A1 = 1, // FUTEX_WAKE
        A2 = Count,
    };
}

/// <summary>
/// futex(FUTEX_LOCK_PI): takes the lock of a word, or waits for it in the order of coming; who ends with it leaves it
/// to who waits.
/// </summary>
/// <param name="Region">Name of the region.</param>
/// <param name="Offset">Bytes from its start; a multiple of 4.</param>
public sealed record FutexLockStep(string Region, ulong Offset)
    : RegionCallStep(Region, Offset, FutexWakeStep.WordBytes)
{
    private protected override SyscallRequest Call(StepContext context) => new()
    {
        Nr = SyscallNr.Futex,
        A0 = Range(context).Start,
        A1 = 6, // FUTEX_LOCK_PI
    };
}

/// <summary>futex(FUTEX_UNLOCK_PI): lets that lock go.</summary>
/// <param name="Region">Name of the region.</param>
/// <param name="Offset">Bytes from its start; a multiple of 4.</param>
public sealed record FutexUnlockStep(string Region, ulong Offset)
    : RegionCallStep(Region, Offset, FutexWakeStep.WordBytes)
{
    private protected override SyscallRequest Call(StepContext context) => new()
    {
        Nr = SyscallNr.Futex,
        A0 = Range(context).Start,
        A1 = 7, // FUTEX_UNLOCK_PI
    };
}
