using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Calls;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Checking;

/// <summary>
/// The calls that bring the simulated address space to where the log has it, after an answer that was not the logged
/// one, so that one mistake is not counted a hundred times.
/// </summary>
internal static class Adoption
{
    private const ulong PageBytes = 4096;

    /// <summary>The calls, in order.</summary>
    internal static IEnumerable<SyscallRequest> Steps(StraceEvent call, SyscallRequest made, SyscallResult answer)
    {
        StraceResult logged = call.Result;
        return (SyscallNr)call.Nr switch
        {
            SyscallNr.Mmap => Map(made, logged, answer),
            SyscallNr.Mremap => Remap(made, logged, answer),
            SyscallNr.Shmat => Attach(made, logged, answer),
            SyscallNr.Munmap when logged.IsSuccess => [made with { A1 = Up(made.A1), Operands = null }],
            SyscallNr.Brk when answer.Value != logged.Value => Break(logged, answer),
            SyscallNr.Read or SyscallNr.Write or SyscallNr.Readv or SyscallNr.Writev
                when logged.IsSuccess && !answer.IsError => [Seek(made, logged.Value - answer.Value)],
            SyscallNr.Open or SyscallNr.Openat or SyscallNr.Creat when !answer.IsError && !logged.IsSuccess =>
                [new SyscallRequest { Nr = SyscallNr.Close, A0 = (ulong)answer.Value }],
            SyscallNr.Open or SyscallNr.Openat or SyscallNr.Openat2 or SyscallNr.Creat when IsRefused(logged, answer) =>
                [FileFacts.StandIn((int)logged.Value, "stream")],
            _ => [],
        };
    }

    /// <summary>Whether the machine has refused what the log shows done.</summary>
    internal static bool IsRefused(in StraceResult logged, in SyscallResult answer) =>
        logged.IsSuccess && answer.IsError;

    private static IEnumerable<SyscallRequest> Map(SyscallRequest made, StraceResult logged, SyscallResult answer)
    {
        ulong length = Up(made.A1);
        if (!answer.IsError)
            yield return Unmap((ulong)answer.Value, length);
        if (!logged.IsSuccess)
            yield break;
        // Huge pages that are not there are stood in for by small ones, over the same addresses.
        const ulong never = (ulong)(MapFlags.FixedNoReplace | MapFlags.HugeTlb);
        const ulong hugeMask = (2UL << 20) - 1;
        bool huge = (made.A3 & (ulong)MapFlags.HugeTlb) != 0;
        yield return made with
        {
            A0 = (ulong)logged.Value,
            A1 = huge ? (made.A1 + hugeMask) & ~hugeMask : made.A1,
            A3 = (made.A3 & ~never) | (ulong)MapFlags.Fixed,
            Operands = null,
        };
    }

    private static IEnumerable<SyscallRequest> Remap(SyscallRequest made, StraceResult logged, SyscallResult answer)
    {
        ulong newLength = Up(made.A2);
        var moves = (ulong)(MremapFlags.MayMove | MremapFlags.Fixed);
        if (!logged.IsSuccess)
        {
            if (!answer.IsError && (ulong)answer.Value != made.A0)
            {
                yield return new SyscallRequest
                {
                    Nr = SyscallNr.Mremap,
                    A0 = (ulong)answer.Value,
                    A1 = newLength,
                    A2 = Up(made.A1),
                    A3 = moves,
                    A4 = made.A0,
                };
            }

            yield break;
        }

        ulong target = (ulong)logged.Value;
        if (!answer.IsError)
        {
            yield return new SyscallRequest
            {
                Nr = SyscallNr.Mremap,
                A0 = (ulong)answer.Value,
                A1 = newLength,
                A2 = newLength,
                A3 = moves,
                A4 = target,
            };
            yield break;
        }

        if (target != made.A0)
            yield return Unmap(made.A0, Up(made.A1));
        yield return Anonymous(target, newLength);
    }

    private static IEnumerable<SyscallRequest> Attach(SyscallRequest made, StraceResult logged, SyscallResult answer)
    {
        if (!answer.IsError)
            yield return new SyscallRequest { Nr = SyscallNr.Shmdt, A0 = (ulong)answer.Value };
        const ulong remap = 0x4000; // SHM_REMAP
        if (logged.IsSuccess)
            yield return made with { A1 = (ulong)logged.Value, A2 = made.A2 | remap, Operands = null };
    }

    private static IEnumerable<SyscallRequest> Break(StraceResult logged, SyscallResult answer)
    {
        ulong wanted = (ulong)logged.Value;
        if (wanted > (ulong)answer.Value)
            yield return Unmap(Up((ulong)answer.Value), Up(wanted) - Up((ulong)answer.Value));
        yield return new SyscallRequest { Nr = SyscallNr.Brk, A0 = wanted };
    }

    private static SyscallRequest Seek(SyscallRequest made, long distance)
    {
        const ulong fromCurrent = 1; // SEEK_CUR
        return new SyscallRequest { Nr = SyscallNr.Lseek, A0 = made.A0, A1 = (ulong)distance, A2 = fromCurrent };
    }

    private static SyscallRequest Unmap(ulong start, ulong length) =>
        new() { Nr = SyscallNr.Munmap, A0 = start, A1 = length };

    private static SyscallRequest Anonymous(ulong start, ulong length) => new()
    {
        Nr = SyscallNr.Mmap,
        A0 = start,
        A1 = length,
        A2 = (ulong)(ProtFlags.Read | ProtFlags.Write),
        A3 = (ulong)(MapFlags.Private | MapFlags.Anonymous | MapFlags.Fixed),
        A4 = ulong.MaxValue,
    };

    private static ulong Up(ulong bytes) => (bytes + PageBytes - 1) & ~(PageBytes - 1);
}
