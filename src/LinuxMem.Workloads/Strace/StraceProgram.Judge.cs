using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Calls;
using LinuxMem.Workloads.Strace.Checking;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace;

/// <content>What is made of the answers.</content>
public sealed partial class StraceProgram
{
    // Compares an answer; whether it differs is kept for the follow-up.
    private void Judge(StraceEvent call, in SyscallResult answer)
    {
        differs = false;
        task.InCall = null;
        if (replay.Options.Check == CheckLevel.None)
        {
            replay.Report.PassOver("nothing is compared");
            differs = plan.Judgement == CallJudgement.Exact && !Answers.Equal(call, answer, plan.Judgement);
        }
        else if (plan.Judgement == CallJudgement.None)
        {
            replay.Report.PassOver(plan.Reason);
            // What was not opened is open from now on all the same.
            differs = OpenCalls.Is((SyscallNr)call.Nr) && Adoption.IsRefused(call.Result, answer);
        }
        else if (Answers.Equal(call, answer, plan.Judgement) && HasStatus(call, answer))
        {
            replay.Report.Match();
        }
        else if (answer.Errno == Errno.ENOSYS && call.Result.Error != "ENOSYS")
        {
            replay.Report.Miss(call.Name);
            differs = true;
        }
        else if (MayBeCut(call, answer))
        {
            replay.Report.PassOver("a transfer that a buffer at an unknown address may have cut short");
            differs = true;
        }
        else if (plan.Difference is null ? replay.Overlaps(call, task) : replay.ChangesFilesBeside(call))
        {
            replay.Report.Doubt();
            differs = true;
        }
        else
        {
            differs = true;
            isMismatch = true;
        }
    }

    private bool HasStatus(StraceEvent call, in SyscallResult answer)
    {
        if (plan.Status != StatusParts.None && !answer.IsError && plan.Request.Operands is { } operands)
            plan.Difference = StatusFact.Compare(call, operands.Copied, plan.Status);
        return plan.Difference is null;
    }

    // strace shows what was read in place of where; only the address could tell that a page there is not to be had.
    private bool MayBeCut(StraceEvent call, in SyscallResult answer) =>
        plan.Request.Operands is { BuffersUnknown: true } && IsTransfer((SyscallNr)call.Nr)
            && ((call.Result is { IsSuccess: true, Value: > 0 } && !answer.IsError && call.Result.Value < answer.Value)
                || (call.Result.Error == "EFAULT" && RemoteCalls.Is((SyscallNr)call.Nr)));

    private static bool IsTransfer(SyscallNr nr) => TransferCalls.Is(nr) || RemoteCalls.Is(nr);

    // What the log shows beyond the answer.
    private void JudgeExtra(StraceEvent call)
    {
        if (replay.Options.Check != CheckLevel.All || differs
            || ExtraChecks.Compare(call, plan.Request.Operands, task) is not { } found)
            return;
        if (found.IsEqual)
        {
            replay.Report.MatchExtra();
            return;
        }

        replay.Report.MismatchExtra(
            new Mismatch(call.EndLine, Answers.Cut(call), found.Expected, found.Actual, [], []));
        replay.IsStopped |= !replay.Options.KeepGoing;
    }

    // Reports a mismatch with the mappings around it, and goes on with the logged answer.
    private IEnumerator<bool> FollowUp(StraceEvent call, SyscallResult answer)
    {
        foreach (SyscallRequest then in plan.Then)
        {
            Ask(then);
            yield return true;
        }

        if (!differs)
            yield break;
        if (isMismatch)
        {
            isMismatch = false;
            var after = new List<VmaFact>();
            IReadOnlyList<VmaFact> before = plan.Request.Operands?.Vmas ?? [];
            if (plan.Near != 0)
            {
                Ask(new SyscallRequest
                {
                    Nr = TracerCalls.LookAtVmas,
                    Operands = new SyscallOperands { Vmas = after, Near = plan.Near },
                });
                yield return true;
            }

            replay.Report.MismatchAt(new Mismatch(call.EndLine, Answers.Cut(call),
                plan.Difference?.Expected ?? Answers.Expected(call),
                plan.Difference?.Actual ?? Answers.Actual(call, answer), Answers.Lines(before), Answers.Lines(after)));
            if (!replay.Options.KeepGoing)
            {
                replay.IsStopped = true;
                yield break;
            }
        }

        if (OpenCalls.Is((SyscallNr)call.Nr) && Adoption.IsRefused(call.Result, answer))
            task.Files.StandInFor((int)call.Result.Value);
        foreach (SyscallRequest step in Adoption.Steps(call, plan.Request, answer))
        {
            Ask(step);
            yield return true;
        }
    }

    // The access that the signal came of is made, for its answer; the signal itself is not delivered.
    private IEnumerator<bool> TakeSignal(StraceEvent signal)
    {
        if (!SignalFact.TryRead(signal, out SignalFact expected))
        {
            replay.Report.Skip("signals that no access causes");
            yield break;
        }

        task.InCall = signal;
        ulong kind = expected.Signal == Signal.SigBus ? TracerCalls.AllowedKind
            : expected.Code == SignalCode.SegvMapErr ? TracerCalls.MissingKind : TracerCalls.ForbiddenKind;
        Ask(new SyscallRequest { Nr = TracerCalls.Touch, A0 = expected.Address, A1 = kind });
        yield return true;
        // A page that may be read may be kept from stores by who handles the faults of the range.
        if (expected.Signal == Signal.SigBus && last.Value == 0)
        {
            Ask(new SyscallRequest { Nr = TracerCalls.Touch, A0 = expected.Address, A1 = (ulong)AccessKind.Write });
            yield return true;
        }

        task.InCall = null;
        SignalFact actual = SignalFact.Of(last, expected.Address);
        if (replay.Options.Check == CheckLevel.None)
        {
            replay.Report.PassOver("nothing is compared");
            yield break;
        }

        if (actual == expected)
        {
            replay.Report.Match();
            yield break;
        }

        var vmas = new List<VmaFact>();
        Ask(new SyscallRequest
        {
            Nr = TracerCalls.LookAtVmas,
            Operands = new SyscallOperands { Vmas = vmas, Near = expected.Address },
        });
        yield return true;
        replay.Report.MismatchAt(new Mismatch(signal.EndLine, signal.Name, expected.ToString(), actual.ToString(),
            Answers.Lines(vmas), Answers.Lines(vmas)));
        replay.IsStopped |= !replay.Options.KeepGoing;
    }

    // How a process ends is compared when the run is over: nobody is left to look at it.
    private IEnumerator<bool> End(StraceEvent end)
    {
        replay.Expect(end, task);
        task.Script.Next = task.Script.Events.Count;
        // Of a process that ends, threads do one after the other; the parent hears of it when its first task has ended.
        if (task.Pid != task.Script.Tid && replay.HasFirstTask(task))
        {
            Ask(new SyscallRequest { Nr = SyscallNr.Exit, A0 = (ulong)task.ExitCode });
            yield return true;
            yield break;
        }

        if (end.Kind == StraceEventKind.Exited)
        {
            int at = 0;
            NumberText.TryRead(end.ArgumentText.Span, ref at, out ulong code);
            Ask(new SyscallRequest { Nr = exitNr, A0 = code });
            yield return true;
            yield break;
        }

        Constants.TryFind(System.Text.Encoding.ASCII.GetBytes(end.Name), out ulong signal);
        foreach (SyscallRequest first in SignalCalls.Default(signal))
        {
            Ask(first);
            yield return true;
        }

        Ask(new SyscallRequest { Nr = SyscallNr.Kill, A0 = (ulong)task.Pid, A1 = signal });
        yield return true;
    }
}
