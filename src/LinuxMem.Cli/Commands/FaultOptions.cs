using System.CommandLine;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Cli.Commands;

/// <summary>The options that inject faults into a run.</summary>
internal sealed class FaultOptions
{
    private readonly Option<string[]> rules = new("--fault")
    {
        Description = "Switch a fault point on: NAME=interval,probability,space,times[,key=value...], Linux's boot "
            + "parameter; 'linuxmem faults' lists them. May be repeated.",
        HelpName = "FAULT",
        Arity = ArgumentArity.OneOrMore,
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> decisions = new("--faults")
    {
        Description = "Fail exactly at these sites, and draw nothing: the replay that a report prints.",
        HelpName = "SITE#N,...",
    };

    private readonly Option<string?> healAt = new("--heal-at")
    {
        Description = "From this virtual time on nothing fails, for instance 5ms.",
        HelpName = "TIME",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        Check(rules, text => FaultText.Parse(text));
        Check(decisions, text => FaultDecision.ParseList(text));
        Check(healAt, text =>
        {
            if (!FaultNumbers.TryTime(text, out _))
                throw new ConfigurationException($"'{text}' is not a time from 0ns to 1000s such as 20us");
        });
        command.Add(rules);
        command.Add(decisions);
        command.Add(healAt);
    }

    /// <summary>What was asked for.</summary>
    public FaultRequest Read(ParseResult parsed)
    {
        string? heal = parsed.GetValue(healAt);
        return new FaultRequest(
            [.. (parsed.GetValue(rules) ?? []).Select(FaultText.Parse)],
            parsed.GetValue(decisions) is { } list ? FaultDecision.ParseList(list) : null,
            heal is not null && FaultNumbers.TryTime(heal, out long ns) ? ns : null);
    }

    private static void Check(Option option, Action<string> parse) => option.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
        {
            try
            {
                parse(token.Value);
            }
            catch (ConfigurationException e)
            {
                result.AddError($"{option.Name}: {SafeText.Clean(e.Message, 400)}");
            }
        }
    });
}

/// <summary>What the options of a command inject beside what the scenario has.</summary>
/// <param name="Rules">Points that are switched on; they replace the scenario's of the same name.</param>
/// <param name="Decisions">Exactly these fail; null if the scenario decides.</param>
/// <param name="HealAtNs">From when on nothing fails; null if the scenario decides.</param>
internal sealed record FaultRequest(
    IReadOnlyList<FaultRule> Rules, IReadOnlyList<FaultDecision>? Decisions, long? HealAtNs)
{
    /// <summary>Nothing.</summary>
    public static FaultRequest None { get; } = new([], null, null);

    /// <summary>The faults of a scenario with what the options change.</summary>
    public FaultSettings Apply(FaultSettings faults)
    {
        if (Rules.Count == 0 && Decisions is null && HealAtNs is null)
            return faults;
        FaultPoint[] given = [.. Rules.Select(rule => rule.Point)];
        if (given.Distinct().Count() < given.Length)
            throw new ConfigurationException("--fault: a fault point is given twice");
        return faults with
        {
            Rules = [.. faults.Rules.Where(rule => !given.Contains(rule.Point)), .. Rules],
            Decisions = Decisions ?? faults.Decisions,
            HealAtNs = HealAtNs ?? faults.HealAtNs,
        };
    }
}
