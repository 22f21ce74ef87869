using LinuxMem.Actors.Machine;
using LinuxMem.Simulation.Choices;
using LinuxMem.Simulation.Settings;
using LinuxMem.Testing.Exploring;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Testing.Exhaustive;

/// <summary>
/// Runs a tiny scenario with every combination of so many unusual decisions, the fewest first: all orders in which the
/// machine could do what it does, as far as the bound goes.
/// </summary>
/// <remarks>
/// Delay-bounded search (Emmi, Qadeer, Rakamaric: "Delay-bounded scheduling", 2011): no state is kept, each run goes
/// from the start. Of values in nanoseconds a few stand for all: less than an interrupt takes, a little more, and much
/// more. A state is a beginning of the kernel's history; each is counted once.
/// </remarks>
public sealed class ExhaustiveSearch
{
    private static readonly long[] DelaysNs = [250, 2_100, 20_000];
    private readonly Func<Scenario> scenario;
    private readonly ExhaustiveRequest request;
    private readonly HashSet<ulong> states = [];
    private readonly List<ExhaustiveFinding> findings = [];

    private ExhaustiveSearch(Func<Scenario> scenario, ExhaustiveRequest request)
    {
        this.scenario = scenario;
        this.request = request;
    }

    /// <summary>Searches.</summary>
    /// <param name="scenario">Makes the scenario, once for each worker: programs of one share tables.</param>
    /// <param name="request">How far.</param>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public static ExhaustiveResult Run(Func<Scenario> scenario, ExhaustiveRequest request) =>
        new ExhaustiveSearch(scenario, request).Run();

    private ExhaustiveResult Run()
    {
        List<Item> level = [new Item([], 0, 0)];
        long runs = 0;
        int depth = 0;
        int decisions = 0;
        bool isComplete = true;
        for (int bound = 0; level.Count > 0 && isComplete; bound++)
        {
            int count = (int)Math.Min(level.Count, request.RunsMax - runs);
            isComplete = count == level.Count;
            var outcomes = new Outcome[count];
            RunLevel(level, outcomes);
            runs += count;
            var next = new List<Item>();
            for (int i = 0; i < count; i++)
            {
                depth = Math.Max(depth, outcomes[i].Steps);
                decisions = Math.Max(decisions, outcomes[i].Offered.Count);
                if (outcomes[i].Finding is { } finding)
                    findings.Add(finding);
                else if (bound < request.Bound && outcomes[i].End != level[i].ParentEnd)
                    AddChildren(level[i], outcomes[i], next);
            }

            level = next;
        }

        return new ExhaustiveResult(runs, states.Count, depth, decisions, isComplete, findings);
    }

    private void RunLevel(List<Item> level, Outcome[] outcomes)
    {
        int taken = -1;
        Exception? failure = null;
        var workers = new Thread[Math.Max(1, request.Workers)];
        for (int i = 0; i < workers.Length; i++)
        {
            workers[i] = new Thread(Work) { IsBackground = true, Name = $"exhaust-{i}" };
            workers[i].Start();
        }

        foreach (Thread worker in workers)
            worker.Join();
        request.Cancel.ThrowIfCancellationRequested();
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);

        void Work()
        {
            try
            {
                using var host = new MachineHost(NullLoggerFactory.Instance);
                Scenario mine = scenario();
                for (int at = Interlocked.Increment(ref taken); at < outcomes.Length && !request.Cancel
                    .IsCancellationRequested; at = Interlocked.Increment(ref taken))
                    outcomes[at] = RunOne(host, mine, level[at]);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
            }
        }
    }

    private Outcome RunOne(MachineHost host, Scenario mine, Item item)
    {
        var plan = new RecordedPlan(item.Decisions, request.DecisionsMax);
        RunRecord record = RunJudge.Judge(host, mine with { Choices = plan }, 0, request.Cancel);
        lock (states)
        {
            foreach (ulong history in plan.Passed)
                states.Add(history);
            request.Progress?.Invoke(states.Count);
        }

        ExhaustiveFinding? finding = record.Verdict == Verdict.Well ? null
            : new ExhaustiveFinding(record.Verdict, plan.ToString(), record.Finding);
        return new Outcome(plan.Passed.Count, plan.Passed.LastOrDefault(), plan.Offered, finding);
    }

    // A decision after the last one of the item that can go otherwise, each way. Where the last one changed nothing,
    // the others are tried without it.
    private static void AddChildren(Item item, Outcome outcome, List<Item> into)
    {
        for (int at = item.From; at < outcome.Offered.Count; at++)
        {
            OfferedDecision one = outcome.Offered[at];
            foreach (long value in Alternatives(one))
                into.Add(new Item([.. item.Decisions, new Decision(one.Site, one.Ordinal, value)], at + 1,
                    outcome.End));
        }
    }

    private static IEnumerable<long> Alternatives(OfferedDecision one)
    {
        if (one.Site is ChoiceSite.WakeOrder or ChoiceSite.Placement or ChoiceSite.Preempt)
        {
            for (long value = 1; value <= one.Max; value++)
                yield return value;
            yield break;
        }

        foreach (long ns in DelaysNs)
        {
            if (ns <= one.Max)
                yield return ns;
        }
    }

    private readonly record struct Item(Decision[] Decisions, int From, ulong ParentEnd);

    private readonly record struct Outcome(
        int Steps, ulong End, List<OfferedDecision> Offered, ExhaustiveFinding? Finding);
}
