using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using LinuxMem.Cli.Commands;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Cli.Views;

/// <summary>The options that ask for files which show how a run went.</summary>
internal sealed class ViewOptions
{
    private readonly Option<string?> events = new("--events")
    {
        Description = "Write what happened to this file, one event a line, named as Linux names its tracepoints. "
            + "A name with .json in it gives JSON, any other the text of 'perf script'; .gz at its end compresses.",
        HelpName = "FILE",
    };

    private readonly Option<string?> eventsFormat =
        OptionValues.Word("--events-format", "perf|json", "How events are written.", "perf", "json");

    private readonly Option<long?> from = OptionValues.Time(
        "--events-from", "Leave out what happened before this moment.");

    private readonly Option<long?> to = OptionValues.Time(
        "--events-to", "Leave out what happened at this moment or later.");

    private readonly Option<HashSet<Tracepoint>?> kinds = new("--events-kind")
    {
        Description = "Write these events only, such as page_fault_user,sched:* .",
        HelpName = "NAMES",
        CustomParser = ParseKinds,
    };

    private readonly Option<HashSet<int>?> pids = new("--events-pid")
    {
        Description = "Write events of these processes only.",
        HelpName = "PIDS",
        CustomParser = ParsePids,
    };

    private readonly Option<string?> trace = new("--trace")
    {
        Description = "Write a trace for ui.perfetto.dev to this file: CPUs, tasks, disks on tracks, faults, calls and "
            + "waits as spans, memory as counters. .gz at its end compresses.",
        HelpName = "FILE",
    };

    private readonly Option<string?> folded = new("--folded")
    {
        Description = "Write where tasks spent their virtual time to this file, as folded stacks for flame graphs.",
        HelpName = "FILE",
    };

    private readonly Option<string?> report = new("--report")
    {
        Description = "Write the report to this file as one page of HTML, with charts of memory, faults and time.",
        HelpName = "FILE",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { events, eventsFormat, from, to, kinds, pids, trace, folded, report })
            command.Add(option);
        command.Validators.Add(result =>
        {
            foreach (Option option in new Option[] { eventsFormat, from, to, kinds, pids })
            {
                if (result.GetResult(events) is null && result.GetResult(option) is { Implicit: false })
                    result.AddError($"{option.Name} says something about --events, which is not given");
            }
        });
    }

    /// <summary>What was asked for.</summary>
    public ViewRequest Read(ParseResult parsed) => new()
    {
        Events = parsed.GetValue(events),
        Trace = parsed.GetValue(trace),
        Folded = parsed.GetValue(folded),
        Report = parsed.GetValue(report),
        EventsFormat = parsed.GetValue(eventsFormat),
        Filter = new TraceFilter
        {
            FromNs = parsed.GetValue(from) ?? 0,
            ToNs = parsed.GetValue(to) ?? long.MaxValue,
            Points = parsed.GetValue(kinds),
            Pids = parsed.GetValue(pids),
        },
    };

    /// <summary>An option that names the event at which a run ends.</summary>
    public static Option<HashSet<Tracepoint>?> Until() => new("--until")
    {
        Description = "End the run when one of these events happens for the first time, such as oom:mark_victim: all "
            + "that is printed and written is of that moment.",
        HelpName = "EVENTS",
        CustomParser = ParseKinds,
    };

    // Names with or without their group; "group:*" is the whole group.
    private static HashSet<Tracepoint>? ParseKinds(ArgumentResult result)
    {
        var wanted = new HashSet<Tracepoint>();
        foreach (string name in result.Tokens[0].Value.Split(','))
        {
            TracepointInfo[] group = name.EndsWith(":*", StringComparison.Ordinal)
                ? [.. Tracepoints.All.Where(info => info.System == name[..^2])] : [];
            foreach (TracepointInfo info in group)
                wanted.Add(info.Point);
            if (Tracepoints.TryFind(name, out Tracepoint point))
                wanted.Add(point);
            else if (group.Length == 0)
                result.AddError(Unknown((result.Parent as OptionResult)?.Option.Name ?? "--events-kind", name));
        }

        return wanted;
    }

    private static string Unknown(string option, string name)
    {
        string? nearest = NearestWord.Of(name, Tracepoints.All.SelectMany(info => new[] { info.Name, info.FullName }));
        return $"{option}: there is no event '{SafeText.Clean(name, 80)}'"
            + (nearest is null ? "; there are " + string.Join(", ", Tracepoints.All.Select(info => info.FullName))
                : $"; did you mean '{nearest}'?");
    }

    private static HashSet<int>? ParsePids(ArgumentResult result)
    {
        var wanted = new HashSet<int>();
        foreach (string text in result.Tokens[0].Value.Split(','))
        {
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
                wanted.Add(pid);
            else
                result.AddError($"--events-pid: '{SafeText.Clean(text, 80)}' is not the number of a process");
        }

        return wanted;
    }
}
