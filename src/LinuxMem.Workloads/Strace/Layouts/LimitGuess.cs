using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Planning;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Layouts;

/// <summary>
/// The resource limits that a logged program was started with. They are a fact of the machine: the first call about a
/// resource tells, be it that it shows the limits, or that it could set them. Of what the first process never asks,
/// those that it made tell.
/// </summary>
internal static class LimitGuess
{
    private const int ResourceCount = 16;

    /// <summary>The limits of a process that a log begins with.</summary>
    internal static ResourceLimits Make(TaskScript script, StraceLog log)
    {
        var known = new (ulong Soft, ulong Hard)?[ResourceCount];
        foreach (StraceEvent call in script.Events)
        {
            if (call.Kind == StraceEventKind.Call && call.Result.IsSuccess)
                Learn(call, known);
        }

        foreach (StraceEvent call in log.Events)
        {
            if (call.Kind != StraceEventKind.Call || !call.IsEnded || !call.Result.IsSuccess || !Is((SyscallNr)call.Nr))
                continue;
            Learn(call, known);
            call.Forget();
        }

        var exact = new List<(int Resource, ulong Soft, ulong Hard)>();
        for (int resource = 0; resource < ResourceCount; resource++)
        {
            if (known[resource] is { } limit)
                exact.Add((resource, limit.Soft, limit.Hard));
        }

        return ResourceLimits.Default with { Exact = exact };
    }

    private static bool Is(SyscallNr nr) => nr is SyscallNr.Prlimit64 or SyscallNr.Getrlimit or SyscallNr.Setrlimit;

    private static void Learn(StraceEvent call, (ulong Soft, ulong Hard)?[] known)
    {
        var nr = (SyscallNr)call.Nr;
        if (!Is(nr))
            return;
        bool both = nr == SyscallNr.Prlimit64;
        if (both && (!call[0].IsNumber || call[0].Number != 0))
            return;
        StraceValue resource = call[both ? 1 : 0];
        if (!resource.IsNumber || resource.Number >= ResourceCount || known[resource.Number] is not null)
            return;
        StraceValue old = both ? call[3] : nr == SyscallNr.Getrlimit ? call[1] : StraceValue.None;
        StraceValue set = both ? call[2] : nr == SyscallNr.Setrlimit ? call[1] : StraceValue.None;
        // A limit that could be set was allowed: the hard one was as high, and of the soft one nothing is known.
        known[resource.Number] = Pair(old) ?? (Pair(set) is { } pair ? (pair.Hard, pair.Hard) : null);
    }

    private static (ulong Soft, ulong Hard)? Pair(StraceValue value) =>
        value.Kind == StraceValueKind.Structure && value.Member("rlim_cur") is { IsNumber: true } soft
            && value.Member("rlim_max") is { IsNumber: true } hard
            ? (soft.Number, hard.Number) : null;
}
