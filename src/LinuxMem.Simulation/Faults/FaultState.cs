using LinuxMem.Simulation.Random;

namespace LinuxMem.Simulation.Faults;

/// <summary>One fault point of a running machine: what is left of its budget, and its own random stream.</summary>
/// <remarks>Linux: lib/fault-inject.c: should_fail_ex, whose tests come in this order, v6.18.</remarks>
internal sealed class FaultState
{
    private readonly FaultAttr attr;
    private readonly bool[] passesFilter;
    private readonly FaultRule rule;
    private RandomStream random;
    private int times;
    private int space;
    private uint count;

    public FaultState(FaultRule rule, ulong seed)
    {
        this.rule = rule;
        attr = rule.Attr;
        times = attr.Times;
        space = attr.Space;
        random = new RandomStream(RandomStream.Derive(seed, "fault " + rule.Point.Name));
        passesFilter = [.. FaultSite.All.Select(Admits)];
        if (rule.Point == FaultPoint.FailPageAlloc)
        {
            _ = FaultNumbers.TryCount(rule.Value("min-order"), out int order);
            MinOrder = order;
            SparesHighMem = rule.Value("ignore-gfp-highmem") == "Y";
            SparesWaiting = rule.Value("ignore-gfp-wait") == "Y";
        }
        else if (rule.Point == FaultPoint.FailSlab)
        {
            SparesWaiting = rule.Value("ignore-gfp-wait") == "Y";
        }
    }

    /// <summary>The rule, given or by default.</summary>
    public FaultRule Rule => rule;

    /// <summary>fail_page_alloc: smaller orders never fail.</summary>
    public int MinOrder { get; }

    /// <summary>Whether allocations of high memory, that is for processes and files, never fail.</summary>
    public bool SparesHighMem { get; }

    /// <summary>Whether allocations that may wait never fail.</summary>
    public bool SparesWaiting { get; }

    /// <summary>Failures that are left; -1 for no limit.</summary>
    public int Times => times;

    /// <summary>What is left of the budget that has to be used up first.</summary>
    public int Space => space;

    public bool ShouldFail(FaultSite site, FaultOperation operation, FaultTask? task, int size)
    {
        if (task is { FailNth: > 0 })
        {
            if (!PassesFilter(site, operation))
                return false;
            return --task.FailNth == 0 && Fail();
        }

        if (attr.Probability == 0)
            return false;
        if (attr.TaskFilter && task is not { MakeItFail: true })
            return false;
        if (times == 0 || !PassesFilter(site, operation))
            return false;
        if (space > size)
        {
            space -= size;
            return false;
        }

        if (attr.Interval > 1 && ++count % (uint)attr.Interval != 0)
            return false;
        return random.Percent(attr.Probability) && Fail();
    }

    private bool Fail()
    {
        if (times > 0)
            times--;
        return true;
    }

    private bool PassesFilter(FaultSite site, FaultOperation operation) =>
        passesFilter[site.Index] || (attr.Require != "*" && FaultNumbers.Matches(attr.Require, operation.Name)
            && !IsRejected(site));

    private bool Admits(FaultSite site) => site.Point == rule.Point
        && FaultNumbers.Matches(attr.Require, site.Name) && !IsRejected(site);

    private bool IsRejected(FaultSite site) => (attr.Reject.Length > 0 && FaultNumbers.Matches(attr.Reject, site.Name))
        || (rule.Point == FaultPoint.FailFunction && !FaultNumbers.Matches(rule.Value("inject"), site.Name))
        || (rule.Point == FaultPoint.FailSlab && rule.Value("cache-filter") is var caches && caches != "N"
            && !FaultNumbers.Matches(caches, site.Cache));
}
