using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using LinuxMem.Actors.Machine;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Strace;
using LinuxMem.Workloads.Strace.Layouts;
using Microsoft.Extensions.Logging.Abstractions;

// Replays all logs of a directory and says how many answers are Linux's:
//   dotnet run --project tests/LinuxMem.Scoreboard -c Release -- DIR [--all] [--layouts FILE] [--only REGEX] [--show N]
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string directory = args.FirstOrDefault(a => !a.StartsWith("--", StringComparison.Ordinal)) ?? ".";
var only = new Regex(Value("--only") ?? "");
int show = int.Parse(Value("--show") ?? "3", CultureInfo.InvariantCulture);
var options = new StraceOptions
{
    Check = args.Contains("--all") ? CheckLevel.All : CheckLevel.Calls,
    KeepGoing = true,
    LayoutsPath = Value("--layouts"),
};
var totals = new SortedDictionary<string, long>(StringComparer.Ordinal);
var groups = new Dictionary<string, (long Count, string Example)>(StringComparer.Ordinal);
var clock = Stopwatch.StartNew();
using var host = new MachineHost(NullLoggerFactory.Instance);
foreach (string path in Directory.GetFiles(directory, "*.strace*", SearchOption.AllDirectories).Order(
    StringComparer.Ordinal))
{
    if (only.IsMatch(path))
        Score(path);
}

Console.WriteLine();
foreach ((string key, long count) in totals)
    Console.WriteLine($"{count,9}  {key}");
double share = 100.0 * totals.GetValueOrDefault("1 matched") / Math.Max(1, totals.GetValueOrDefault("0 checked"));
double pace = totals.GetValueOrDefault("calls") / clock.Elapsed.TotalSeconds;
Console.WriteLine($"{share:F3}% of compared answers match; {pace:F0} calls a second");
Console.WriteLine();
foreach ((string key, (long count, string example)) in groups.OrderByDescending(g => g.Value.Count).Take(60))
    Console.WriteLine($"{count,7}  {key}\n         {example}");

string? Value(string name)
{
    int at = Array.IndexOf(args, name);
    return at < 0 || at + 1 >= args.Length ? null : args[at + 1];
}

void Score(string path)
{
    string name = Path.GetRelativePath(directory, path);
    try
    {
        StraceReplay replay = StraceReplay.Open(path, options);
        long start = clock.ElapsedMilliseconds;
        CheckReport report = Compare(replay);
        if (options.Check == CheckLevel.All && report.Mismatched > 0)
        {
            CheckReport without = Compare(replay.Again(options with { ZeroPage = false }));
            if (!ZeroPageGuess.Make(zeroPage => zeroPage ? report : without))
            {
                report = without;
                Add("logs of machines without a zero page", 1);
            }
        }

        Report(name, report, clock.ElapsedMilliseconds - start);
    }
    catch (Exception exception)
    {
        Add("failed logs", 1);
        Console.WriteLine($"{name}: {exception.GetType().Name}: {exception.Message.Split('\n')[0]}");
        if (args.Contains("--trace"))
            Console.WriteLine(exception);
    }
}

CheckReport Compare(StraceReplay replay)
{
    Scenario scenario = replay.Scenario;
    return replay.Finish(host.Run(scenario with { Engine = scenario.Engine with { Audit = AuditLevel.Off } }));
}

void Report(string name, CheckReport report, long took)
{
    Console.WriteLine($"{name}: {report.Calls} calls, {report.Checked} compared, {report.Mismatched} differ, "
        + $"{report.Ambiguous} ambiguous, {report.Unsupported.Values.Sum()} unsupported, {took} ms");
    Add("calls", report.Calls);
    Add("0 checked", report.Checked);
    Add("1 matched", report.Matched);
    Add("2 mismatched", report.Mismatched);
    Add("3 ambiguous", report.Ambiguous);
    Add(report.Mismatched == 0 ? "logs without mismatch" : "logs with mismatches", 1);
    foreach ((string reason, long count) in report.Skipped)
        Add("skipped: " + reason, count);
    foreach ((string call, long count) in report.SkippedCalls)
        Add("skipped call: " + call, count);
    foreach ((string reason, long count) in report.NotJudged)
        Add("not judged: " + reason, count);
    foreach ((string call, long count) in report.Unsupported)
        Add("unsupported: " + call, count);
    int shown = 0;
    foreach (Mismatch mismatch in report.Mismatches)
    {
        int open = mismatch.Call.IndexOf('(', StringComparison.Ordinal);
        string call = open < 0 ? mismatch.Call : mismatch.Call[..open];
        string key = $"{call}: {Generic(mismatch.Expected)} but {Generic(mismatch.Actual)}";
        string example = $"{name}:{mismatch.Line}: {mismatch.Call} = {mismatch.Expected}, not {mismatch.Actual}";
        groups[key] = groups.TryGetValue(key, out var group) ? (group.Count + 1, group.Example) : (1, example);
        if (shown++ >= show)
            continue;
        Console.WriteLine($"    {mismatch.Line}: {mismatch.Call} = {mismatch.Expected}, not {mismatch.Actual}");
        if (!args.Contains("--vmas"))
            continue;
        foreach (string line in mismatch.Before)
            Console.WriteLine("        before " + line);
        foreach (string line in mismatch.After)
            Console.WriteLine("        after  " + line);
    }
}

void Add(string key, long count) => totals[key] = totals.GetValueOrDefault(key) + count;

static string Generic(string answer) => Regex.Replace(answer, "0x[0-9a-f]+|[0-9]+", "N");
