using LinuxMem.Abi;

namespace LinuxMem.Workloads.WillItScale;

/// <summary>
/// The main thread of a test in threads: makes each thread with a stack as pthread_create does, and sleeps.
/// </summary>
/// <remarks>
/// A thread maps what it works on before the next stack is mapped, so that each has a VMA of its own. The real
/// will-it-scale starts all threads first, after which Linux merges what they map into one VMA.
/// </remarks>
internal sealed class TeamStarter(IReadOnlyList<ScaleTask> threads, long endNs) : ScaleTask
{
    private const ulong StackBytes = 8UL << 20;
    private const ulong GuardBytes = 4096;

    private protected override IEnumerator<bool> Run()
    {
        const MapFlags stackFlags = MapFlags.Private | MapFlags.Anonymous | MapFlags.NoReserve | MapFlags.Stack;
        const CloneFlags flags = CloneFlags.Vm | CloneFlags.Files | CloneFlags.SigHand | CloneFlags.Thread;
        ulong guard = Math.Max(GuardBytes, PageBytes);
        for (int i = 0; i < threads.Count; i++)
        {
            yield return Call(SyscallNr.Mmap, 0, StackBytes + guard, 0, (ulong)stackFlags, ulong.MaxValue);
            ulong stack = Result;
            yield return Call(SyscallNr.Mprotect, stack + guard, StackBytes, (ulong)(ProtFlags.Read | ProtFlags.Write));
            yield return Call(SyscallNr.Clone, (ulong)flags, stack + guard + StackBytes, child: threads[i]);
            yield return Call(SyscallNr.ClockNanosleep, 1, 1, (ulong)((i + 1) * ScaleSettings.StaggerNs));
        }

        while (true)
            yield return Call(SyscallNr.ClockNanosleep, 1, 1, (ulong)endNs + 1_000_000_000);
    }
}
