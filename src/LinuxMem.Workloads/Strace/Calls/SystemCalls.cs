using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>
/// Calls with structures and vectors: limits, usage, residency, shared memory, other processes' memory, and the rest
/// that memory management has to do with.
/// </summary>
internal static class SystemCalls
{
    /// <summary>Plans one of these; false if the call is another.</summary>
    internal static bool TryPlan(
        StraceEvent call, LoggedTask task, ReplayState replay, GuideHints hints, CallPlan plan)
    {
        var nr = (SyscallNr)call.Nr;
        switch (nr)
        {
            case SyscallNr.Mincore:
                plan.Make(Filling(call, 2, hints.Vector));
                plan.Near = call[0].Number;
                return true;
            case SyscallNr.RtSigaction when call[0].ToString() == "SIGCHLD" && call.Result.IsSuccess:
                return PlanChildAction(call, plan);
            case SyscallNr.Getrusage:
                plan.Make(Filling(call, 1, hints.Buffer));
                return true;
            case SyscallNr.Uname:
                plan.Make(Filling(call, 0, hints.Buffer));
                return true;
            case SyscallNr.Sysinfo:
                plan.Make(Filling(call, 0, hints.Buffer));
                return true;
            case SyscallNr.Prlimit64 or SyscallNr.Setrlimit or SyscallNr.Getrlimit:
                LimitCalls.Plan(call, plan);
                return true;
            case SyscallNr.Shmget:
                SegmentPlans.PlanGet(call, replay.Segments, plan);
                return true;
            case SyscallNr.Shmctl:
                SegmentPlans.PlanControl(call, replay.Segments, plan);
                return true;
            case SyscallNr.ProcessVmReadv or SyscallNr.ProcessVmWritev or SyscallNr.ProcessMadvise:
                RemoteCalls.Plan(call, task, plan);
                return true;
            default:
                return TryPlanTask(call, task, plan) || TryPlanPolicy(call, plan);
        }
    }

    // What a task is and may do.
    private static bool TryPlanTask(StraceEvent call, LoggedTask task, CallPlan plan)
    {
        switch ((SyscallNr)call.Nr)
        {
            case SyscallNr.Prctl when IsOfMemory(call[0]):
                plan.Make(Numbers(call));
                return true;
            case SyscallNr.Prctl when PrctlPlan.TryPlan(call, plan):
                return true;
            case SyscallNr.Setuid or SyscallNr.Setreuid or SyscallNr.Setresuid or SyscallNr.Setgid
                or SyscallNr.Setregid or SyscallNr.Setresgid:
                plan.Make(Numbers(call));
                return true;
            case SyscallNr.Capset:
                Capabilities(call, plan);
                return true;
            case SyscallNr.Personality when call[0].IsNumber && call.Result.IsSuccess:
                // What the program was started with is a fact of the machine, which the first answer tells.
                plan.Make(Numbers(call));
                if (!task.KnowsPersonality)
                    plan.First.Add(Numbers(call) with { A0 = (ulong)call.Result.Value });
                task.KnowsPersonality = true;
                return true;
            case SyscallNr.ArchPrctl when call[0] is { IsNumber: true, Number: SetGs or SetFs } && call[1].IsNumber:
            case SyscallNr.SetTidAddress when !task.HasNamespaces && !task.Script.HasOwnNumbers:
                plan.Make(Numbers(call));
                return true;
            case SyscallNr.Membarrier when call[0].IsNumber && call[1].IsNumber:
                plan.Make(Numbers(call));
                return true;
            case SyscallNr.IoSubmit:
                AioSubmission.Plan(call, task, plan);
                return true;
            case SyscallNr.Unshare when call[0].IsNumber:
                plan.Make(Numbers(call));
                if (call.Result.IsSuccess && (call[0].Number & CloneFiles) != 0)
                    task.Files = task.Files.Copy();
                return true;
            case SyscallNr.IoSetup or SyscallNr.IoDestroy or SyscallNr.IoUringSetup or SyscallNr.IoUringRegister:
                plan.Make(Numbers(call) with { Operands = new SyscallOperands { BuffersUnknown = true } });
                return true;
            default:
                return false;
        }
    }

    private static bool TryPlanPolicy(StraceEvent call, CallPlan plan)
    {
        switch ((SyscallNr)call.Nr)
        {
            case SyscallNr.SetMempolicyHomeNode:
                plan.Make(Numbers(call));
                plan.Near = call[0].Number;
                return true;
            case SyscallNr.MovePages:
                Move(call, plan);
                return true;
            case SyscallNr.SetMempolicy or SyscallNr.GetMempolicy or SyscallNr.MigratePages or SyscallNr.Mbind:
                Policy(call, plan);
                return true;
            default:
                return false;
        }
    }

    // Masks of nodes are shown as their words, and where a call failed as addresses.
    private static void Policy(StraceEvent call, CallPlan plan)
    {
        SyscallRequest request = Numbers(call);
        int mask = call.Nr is (int)SyscallNr.MigratePages or (int)SyscallNr.Mbind ? 3 : 1;
        List<ulong>? words = null;
        if (call[mask].Kind == StraceValueKind.Array)
        {
            if (call.Nr != (int)SyscallNr.GetMempolicy)
                words = [.. call[mask].Items.Select(static word => word.Value.Number)];
            _ = mask == 1 ? request.A1 = SomeAddress : request.A3 = SomeAddress;
        }

        if (call[0].Kind == StraceValueKind.Array)
            request.A0 = SomeAddress;
        if (call.Nr == (int)SyscallNr.Mbind)
            plan.Near = request.A0;
        if (mask == 3 && call[2].Kind == StraceValueKind.Array)
            request.A2 = SomeAddress;
        // A mask without a node, or with more than can be, is not read.
        int count = (SyscallNr)call.Nr switch { SyscallNr.Mbind => 4, SyscallNr.SetMempolicy => 2, _ => 1 };
        bool isGiven = call.Nr != (int)SyscallNr.GetMempolicy;
        if (isGiven && words is null && call[count].Number is not (> 1 and <= MaskBitsMax + 1))
            words = [];
        bool isMaskHidden = isGiven && words is null && call[mask].Number != 0;
        if (isMaskHidden)
            plan.Skip("the buffer is not known");
        else
            plan.Make(request with { Operands = new SyscallOperands { BuffersUnknown = true, Words = words } });
    }

    private const ulong CloneFiles = 0x400;
    private const ulong MaskBitsMax = 4096 * 8; // a page of bits
    private const ulong SetGs = 0x1001, SetFs = 0x1002;

    // The pages are not compared, and where they are listed nothing is read of them; nodes decide what is refused.
    private static void Move(StraceEvent call, CallPlan plan)
    {
        SyscallRequest request = Numbers(call);
        List<ulong>? nodes = null;
        bool listed = call[2].Kind == StraceValueKind.Array;
        if (call[3].Kind == StraceValueKind.Array)
        {
            var known = call[3].Items.Where(static node => node.Value.IsNumber);
            nodes = [.. known.Select(static node => node.Value.Number)];
            request.A3 = SomeAddress;
        }

        if (call[4].Kind == StraceValueKind.Array)
            request.A4 = SomeAddress;
        plan.Make(request with { Operands = new SyscallOperands { BuffersUnknown = listed, Words = nodes } });
    }

    // Stands for an address that a log shows what lies at.
    private const ulong SomeAddress = 0x1000;

    /// <summary>A call whose arguments are taken as numbers, 0 where they are none.</summary>
    internal static SyscallRequest Numbers(StraceEvent call) => new()
    {
        Nr = (SyscallNr)call.Nr,
        A0 = call[0].Number,
        A1 = call[1].Number,
        A2 = call[2].Number,
        A3 = call[3].Number,
        A4 = call[4].Number,
        A5 = call[5].Number,
    };

    // A call that fills a buffer, whose address is shown only where the call failed.
    private static SyscallRequest Filling(StraceEvent call, int buffer, ulong? known)
    {
        SyscallRequest request = Numbers(call);
        if (call[buffer].IsNumber)
            return request;
        if (known is not { } address)
            return request with { Operands = new SyscallOperands { BuffersUnknown = true, WantsCopied = true } };
        request.Operands = new SyscallOperands { WantsCopied = true };
        _ = buffer switch
        {
            0 => request.A0 = address,
            1 => request.A1 = address,
            _ => request.A2 = address,
        };
        return request;
    }

    // Two structures: {version, pid}, then {effective, permitted, inheritable}, which the kernel takes in halves.
    private static void Capabilities(StraceEvent call, CallPlan plan)
    {
        if (call[0].Member("version") is not { IsNumber: true } version
            || call[1].Member("effective") is not { IsNumber: true } effective
            || call[1].Member("permitted") is not { IsNumber: true } permitted
            || call[1].Member("inheritable") is not { IsNumber: true } inheritable)
        {
            plan.Skip("capabilities that the log does not show");
            return;
        }

        ulong[] sets = [effective.Number, permitted.Number, inheritable.Number];
        var words = new List<ulong> { version.Number, call[0].Member("pid")?.Number ?? 0 };
        foreach (ulong set in sets)
            words.Add((uint)set);
        foreach (ulong set in sets)
            words.Add(set >> 32);
        plan.Make(Numbers(call) with { Operands = new SyscallOperands { Words = words, BuffersUnknown = true } });
    }

    private static bool IsOfMemory(StraceValue option) =>
        option is { IsNumber: true, Number: 7 or 8 or 65 or 66 or 67 or 68 or 41 or 42 }
        || option.ToString().StartsWith("PR_SET_VMA", StringComparison.Ordinal);

    /// <summary>The request that has a signal ignored.</summary>
    internal static SyscallRequest Ignoring(Signal signal)
    {
        const ulong ignore = 1, somewhere = 8;
        return new SyscallRequest
        {
            Nr = SyscallNr.RtSigaction,
            A0 = (ulong)signal,
            A1 = somewhere,
            A3 = 8,
            Operands = new SyscallOperands { Words = [ignore, 0, 0, 0] },
        };
    }

    // Handlers run where the log shows it. But whether the ends of children are ignored decides what wait4 finds.
    private static bool PlanChildAction(StraceEvent call, CallPlan plan)
    {
        const ulong ignore = 1, noChildWait = 2, somewhere = 8;
        if (call[1].Member("sa_handler") is not { } handler)
            return false;
        bool reaps = call[1].Member("sa_flags") is { } flags
            && flags.ToString().Contains("SA_NOCLDWAIT", StringComparison.Ordinal);
        var request = new SyscallRequest
        {
            Nr = SyscallNr.RtSigaction,
            A0 = (ulong)Signal.SigChld,
            A1 = somewhere,
            A3 = 8,
            Operands = new SyscallOperands
            {
                Words = [handler.ToString() == "SIG_IGN" ? ignore : 0, reaps ? noChildWait : 0, 0, 0],
            },
        };
        plan.MakeUnjudged(request, "whether children are reaped at once");
        return true;
    }
}
