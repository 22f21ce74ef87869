using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Checking;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>What is done about a logged call.</summary>
internal enum CallAction
{
    /// <summary>It is made.</summary>
    Make,

    /// <summary>It is not made: it can affect neither memory nor files.</summary>
    Skip,

    /// <summary>It affects memory, and the simulator has nothing like it.</summary>
    Unsupported,
}

/// <summary>How an answer is compared.</summary>
internal enum CallJudgement
{
    /// <summary>Value and error are those of the log.</summary>
    Exact,

    /// <summary>Success or the error is that of the log; the value is a name that the log chose.</summary>
    Outcome,

    /// <summary>It cannot be compared.</summary>
    None,
}

/// <summary>What is done about a logged call, and how its answer is compared.</summary>
internal sealed class CallPlan
{
    internal CallAction Action { get; set; }

    internal CallJudgement Judgement { get; set; }

    /// <summary>Why it is skipped, or not compared.</summary>
    internal string Reason { get; set; } = "";

    /// <summary>What is asked of the kernel.</summary>
    internal SyscallRequest Request;

    /// <summary>What is asked first, for what the log takes for granted.</summary>
    internal List<SyscallRequest> First { get; } = [];

    /// <summary>What is asked next, where one logged call takes two.</summary>
    internal List<SyscallRequest> Then { get; } = [];

    /// <summary>Where the mappings are looked at for a report; 0 if it is no call of mappings.</summary>
    internal ulong Near { get; set; }

    /// <summary>What is compared of the status of a file that the call shows.</summary>
    internal StatusParts Status { get; set; }

    /// <summary>What differs beside the answer itself, by the log and by the machine; null for nothing.</summary>
    internal (string Expected, string Actual)? Difference { get; set; }

    internal void Clear()
    {
        Status = StatusParts.None;
        Difference = null;
        Request = default;
        First.Clear();
        Then.Clear();
        Near = 0;
    }

    internal void Make(in SyscallRequest request, CallJudgement judgement = CallJudgement.Exact)
    {
        Action = CallAction.Make;
        Judgement = judgement;
        Request = request;
        Reason = "";
    }

    internal void MakeUnjudged(in SyscallRequest request, string reason)
    {
        Make(request, CallJudgement.None);
        Reason = reason;
    }

    internal void Skip(string reason)
    {
        Action = CallAction.Skip;
        Reason = reason;
    }

    internal void Miss() => Action = CallAction.Unsupported;
}
