using System.CommandLine;
using LinuxMem.Cli.Hosting;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Cli.Commands;

/// <summary>The options of everything that runs a machine.</summary>
internal sealed class RunOptions
{
    private readonly Option<ulong?> threads = OptionValues.Number(
        "--threads", "Worker threads. They change the speed and nothing else.", 1, 64);

    private readonly Option<string?> audit = OptionValues.Word(
        "--audit", "off|end|round", "When the invariants of the machine are checked.", "off", "end", "round");

    private readonly Option<string[]> sets = OptionValues.Settings();

    private readonly FaultOptions faults = new();

    private readonly Option<string?> expectDigest = new("--expect-digest")
    {
        Description = "Exit with code 1 if the run has another digest.",
        HelpName = "HEX",
    };

    private readonly Option<bool> json = new("--json")
    {
        Description = "Print the result as JSON; 'schema --result' describes it.",
    };

    private readonly Option<bool> all = new("--all") { Description = "Print long tables whole." };

    private readonly Option<string?> costs = CalibrateCommand.CostsOption();
    private readonly Option<bool> locks = new("--locks") { Description = "List the locks in full." };
    private readonly Option<string?> output;

    private readonly Option<bool> force = new("--force") { Description = "Let --out replace an earlier result." };

    private readonly Option<string?> junit = new("--junit")
    {
        Description = "Write what was checked and what failed as JUnit XML, for CI servers.",
        HelpName = "FILE",
    };

    private readonly Option<bool> quiet = new("--quiet") { Description = "Show no progress." };

    private readonly Option<string?> progress = OptionValues.Word(
        "--progress", "auto|on|off", "Show progress on stderr; auto: only on a terminal.", "auto", "on", "off");

    private readonly Option<string?> logLevel = OptionValues.Word(
        "--log-level", "LEVEL", $"What is logged to stderr: {string.Join(", ", Loggers.Levels)}; if not given, "
        + $"{Loggers.DefaultLevel}.", Loggers.Levels);

    /// <summary>Those of a command that may keep its result in files.</summary>
    /// <param name="outDescription">What --out does.</param>
    /// <param name="outIsRequired">Whether --out must be given.</param>
    public RunOptions(
        string outDescription = "Make this directory, with result.json, report.txt, vmstat and buddyinfo.",
        bool outIsRequired = false) => output = new Option<string?>("--out")
        {
            Description = outDescription,
            HelpName = "DIR",
            Required = outIsRequired,
        };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        expectDigest.Validators.Add(result =>
        {
            string? digest = result.Tokens.Count == 1 ? result.Tokens[0].Value : null;
            if (digest is not null && (digest.Length != 16 || !digest.All(char.IsAsciiHexDigitLower)))
            {
                result.AddError($"--expect-digest: '{SafeText.Clean(digest, 80)}' is not a digest of 16 hexadecimal "
                    + "digits in lower case");
            }
        });
        Option[] options =
        [
            threads, audit, costs, sets, json, all, locks, output, force, expectDigest, junit, progress, quiet,
            logLevel,
        ];
        foreach (Option option in options)
            command.Add(option);
        faults.AddTo(command);
    }

    /// <summary>What was asked for.</summary>
    public RunRequest Read(ParseResult parsed) => new()
    {
        Threads = (int?)parsed.GetValue(threads),
        Audit = parsed.GetValue(audit) switch
        {
            "off" => AuditLevel.Off,
            "end" => AuditLevel.End,
            "round" => AuditLevel.Round,
            _ => null,
        },
        Sets = CalibrateCommand.Sets(parsed.GetValue(costs), parsed.GetValue(sets) ?? []),
        Faults = faults.Read(parsed),
        Json = parsed.GetValue(json),
        All = parsed.GetValue(all),
        Locks = parsed.GetValue(locks),
        Out = parsed.GetValue(output),
        Force = parsed.GetValue(force),
        ExpectDigest = parsed.GetValue(expectDigest),
        JUnit = parsed.GetValue(junit),
        Progress = parsed.GetValue(quiet) ? "off" : parsed.GetValue(progress) ?? "auto",
        LogLevel = parsed.GetValue(logLevel) ?? Loggers.DefaultLevel,
    };
}
