using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>What a log has told of segments of shared memory: which it made, and how large others are.</summary>
internal sealed class LoggedSegments
{
    private readonly Dictionary<int, ulong> bytes = [];
    private readonly HashSet<int> made = [];

    /// <summary>One is there for the machine.</summary>
    internal void Made(int id) => made.Add(id);

    /// <summary>One of which a list tells.</summary>
    internal void Listed(int id, ulong size) => bytes[id] = size;

    /// <summary>
    /// The call that makes one from before the log, which an answer shows to be there; null if the machine has it.
    /// </summary>
    internal SyscallRequest? Missing(int id)
    {
        const ulong create = 0x200, everybody = 0x1b6; // IPC_CREAT, rw-rw-rw-
        if (!made.Add(id))
            return null;
        return new SyscallRequest
        {
            Nr = SyscallNr.Shmget,
            A1 = Math.Max(1, bytes.GetValueOrDefault(id, 1UL)),
            A2 = create | everybody,
            Operands = new SyscallOperands { WantedId = id },
        };
    }
}

/// <summary>shmget, shmctl.</summary>
internal static class SegmentPlans
{
    private const ulong Listed = 3, Lock = 11, Unlock = 12, Stat = 13, StatAny = 15;

    internal static void PlanGet(StraceEvent call, LoggedSegments segments, CallPlan plan)
    {
        int? id = call.Result.IsSuccess ? (int)call.Result.Value : null;
        plan.Make(SystemCalls.Numbers(call) with { Operands = new SyscallOperands { WantedId = id } },
            CallJudgement.Outcome);
        if (id is { } known)
            segments.Made(known);
    }

    // Who owns the segment from now on, and what others may do with it.
    private static List<ulong>? Owners(StraceValue structure) =>
        structure.Member("shm_perm") is { } owners && owners.Member("uid") is { IsNumber: true } uid
            && owners.Member("gid") is { IsNumber: true } gid && owners.Member("mode") is { IsNumber: true } mode
            ? [uid.Number, gid.Number, mode.Number] : null;

    // The commands that look at or change one segment; those that list all are of the whole system.
    internal static void PlanControl(StraceEvent call, LoggedSegments segments, CallPlan plan)
    {
        ulong command = call[1].Number & ~0x100UL; // IPC_64
        if (command is Stat or StatAny && call.Result.IsSuccess && call[2].Member("shm_segsz") is { } size)
            segments.Listed((int)call.Result.Value, size.Number);
        if (!call[1].IsNumber || command >= Listed && command is not (Lock or Unlock))
        {
            plan.Skip("what the whole system shares");
            return;
        }

        SyscallRequest request = SystemCalls.Numbers(call);
        if (call[2].Kind == StraceValueKind.Structure)
            request.Operands = new SyscallOperands { BuffersUnknown = true, Words = Owners(call[2]) };
        plan.Make(request);
        if (call.Result.IsSuccess && segments.Missing((int)call[0].Number) is { } missing)
            plan.First.Add(missing);
    }
}
