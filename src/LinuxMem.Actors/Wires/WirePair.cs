using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Actors.Wires;

/// <summary>What becomes of a message.</summary>
internal enum WireFate
{
    /// <summary>It arrives.</summary>
    Arrives,

    /// <summary>It is lost.</summary>
    Lost,

    /// <summary>It arrives when nothing else is left to do.</summary>
    Held,
}

/// <summary>
/// The messages from one actor to another: what becomes of each, and how many there were. The decisions are those of
/// <c>should_fail</c>, with budget, count and random stream of the pair's own, so that they do not depend on what
/// others do at the same time. Owned by the sender.
/// </summary>
internal sealed class WirePair
{
    private readonly Chance loss, twice, late;

    public WirePair(string name, FaultInjector rules)
    {
        Name = name;
        loss = new Chance(rules.RuleOf(FaultPoint.MessageLoss), name, rules.Seed);
        twice = new Chance(rules.RuleOf(FaultPoint.MessageTwice), name, rules.Seed);
        late = new Chance(rules.RuleOf(FaultPoint.MessageLate), name, rules.Seed);
    }

    /// <summary>As <c>cpu-0>kernel</c>.</summary>
    public string Name { get; }

    /// <summary>Messages sent, copies not counted.</summary>
    public long Sent { get; private set; }

    /// <summary>Messages lost.</summary>
    public long Lost { get; private set; }

    /// <summary>Messages that were held back.</summary>
    public long Held { get; private set; }

    /// <summary>Copies that were made.</summary>
    public long Copies { get; private set; }

    /// <summary>A message is sent.</summary>
    /// <param name="copy">What becomes of a copy of it; lost if there is none.</param>
    public WireFate Send(out WireFate copy)
    {
        Sent++;
        copy = WireFate.Lost;
        if (loss.Strikes())
        {
            Lost++;
            return WireFate.Lost;
        }

        if (twice.Strikes())
            copy = ++Copies % 2 == 1 ? WireFate.Arrives : WireFate.Held;
        if (!late.Strikes())
            return WireFate.Arrives;
        Held++;
        return WireFate.Held;
    }

    // Linux: lib/fault-inject.c: should_fail_ex, v6.18, without what belongs to tasks and stacks.
    private sealed class Chance(FaultRule rule, string pair, ulong seed)
    {
        private readonly bool isOn = rule.Attr.Probability > 0 && FaultNumbers.Matches(rule.Value("pair"), pair);
        private RandomStream random = new(RandomStream.Derive(seed, $"fault {rule.Point.Name} {pair}"));
        private int times = rule.Attr.Times;
        private int space = rule.Attr.Space;
        private uint count;

        public bool Strikes()
        {
            if (!isOn || times == 0)
                return false;
            if (space > 1)
            {
                space--;
                return false;
            }

            if (rule.Attr.Interval > 1 && ++count % (uint)rule.Attr.Interval != 0)
                return false;
            if (!random.Percent(rule.Attr.Probability))
                return false;
            times -= times > 0 ? 1 : 0;
            return true;
        }
    }
}
