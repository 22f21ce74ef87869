using System.Globalization;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Tests;

public sealed class RunReportTextSpec
{
    private static string Render(RunResult result, RunReportOptions? options = null)
    {
        var text = new StringWriter { NewLine = "\n" };
        RunReportText.Write(text, result, options ?? new RunReportOptions { WallSeconds = 1.2345 });
        return text.ToString();
    }

    [Fact]
    public void Memory_cgroups_have_a_table_with_their_events_and_fairness()
    {
        using var output = new StringWriter { NewLine = "\n" };
        GroupResult one = SampleResult.Group();
        RunResult result = SampleResult.Create() with { Groups = [one, one with { Path = "db", PeakKiB = 0 }] };
        RunReportText.Write(output, result, new RunReportOptions());
        string text = output.ToString();
        Assert.Contains("Memory cgroups (2; sizes in KiB)", text, StringComparison.Ordinal);
        Assert.Contains("high 5 max 1", text, StringComparison.Ordinal);
        Assert.Contains("peak memory 0.500, stalls 1.000", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_is_reported_as_the_snapshot_says() => Snapshot.Matches(Render(SampleResult.Create()), "run.txt");

    [Fact]
    public void A_replay_is_reported_as_the_snapshot_says() => Snapshot.Matches(
        Render(
            SampleResult.Create() with { Processes = [SampleResult.Process(1) with { InferredPages = 7 }] },
            new RunReportOptions { WallSeconds = 0.0345, Replay = SampleResult.Replay() }),
        "replay.txt");

    [Fact]
    public void A_run_with_many_processes_is_reported_as_the_snapshot_says() =>
        Snapshot.Matches(Render(SampleResult.Create(62)), "many.txt");

    [Fact]
    public void Forty_processes_are_all_shown_and_of_41_the_30_with_most_faults()
    {
        Assert.Contains("\n100 ", Render(SampleResult.Create(40)).Replace("\n ", "\n", StringComparison.Ordinal));
        string report = Render(SampleResult.Create(41));
        Assert.DoesNotContain("\n100 ", report);
        Assert.Contains("\n140 ", report);
        Assert.Contains("... and 11 more with 1,155 minor faults (--all lists them)", report);
        Assert.Contains("\n100 ", Render(SampleResult.Create(41), new RunReportOptions { All = true }));
    }

    [Fact]
    public void No_line_is_wider_than_106_columns_or_ends_in_a_space()
    {
        RunResult big = SampleResult.Create() with
        {
            Processes = [SampleResult.Process(2) with
            {
                Pid = 4_194_304, Ppid = 4_194_303, Comm = "a-name-of-15-ch", MinFlt = 99_999_999, MajFlt = 1_234_567,
                VszKiB = 1L << 40, RssKiB = 1L << 33, MaxRssKiB = 1L << 33, CpuNs = 99_999_000_000_000,
                Fate = "killed SIGSEGV (SEGV_MAPERR at 0x7fffffffffffffff)",
            }],
        };
        foreach (string line in Render(big).Split('\n'))
        {
            Assert.True(line.Length <= 106, line);
            Assert.Equal(line.TrimEnd(), line);
        }
    }

    [Fact]
    public void Without_wall_time_nothing_in_the_report_depends_on_threads_or_speed()
    {
        var quiet = new RunReportOptions();
        Assert.Equal(
            Render(SampleResult.Create(), quiet), Render(SampleResult.Create() with { Threads = 7 }, quiet));
        Assert.DoesNotContain("Wall", Render(SampleResult.Create(), quiet));
    }

    [Fact]
    public void Names_cannot_send_escape_sequences_or_break_lines()
    {
        RunResult evil = SampleResult.Create() with
        {
            Scenario = "evil\u001b[31m\nname",
            Processes = [SampleResult.Process(0) with
            {
                Comm = "a\u001b]0;x\u0007\u202eb", Fate = "exited\r\u009b (\u2028)",
            }],
            UnknownCalls = [new("call\u0000", 1)],
            BuddyInfo = ["Node\t0"],
            Audit = new AuditResult("round", 1, ["broken \u001b[2J"]),
        };
        string report = Render(evil);
        foreach (char c in report)
            Assert.True(c is '\n' or (>= ' ' and <= '~'), $"U+{(int)c:X4} got through");
        Assert.Contains("a?]0;x??b", report);
    }

    [Fact]
    public void Violations_are_listed_up_to_twenty()
    {
        RunResult broken = SampleResult.Create() with
        {
            Audit = new AuditResult("round", 99, [.. Enumerable.Range(1, 25).Select(i => $"I{i:00}: broken")]),
        };
        string report = Render(broken);
        Assert.Contains("Audit: 99 checks after every round, 25 VIOLATED\n  I01: broken\n", report);
        Assert.Contains("  I20: broken\n  ... and 5 more\n", report);
        Assert.DoesNotContain("I21", report);
    }

    [Fact]
    public void A_machine_that_did_nothing_is_reported_without_dividing_by_zero()
    {
        RunResult idle = SampleResult.Create(0) with
        {
            Accesses = 0,
            VmStat = [],
            FaultKinds = [],
            BuddyInfo = [],
            UnknownCalls = [],
            Cpus = [new CpuResult
            {
                Cpu = 0, Accesses = 0, TlbHits = 0, TlbL2Hits = 0, TlbMisses = 0, Shootdowns = 0, Flushes = 0,
                ContextSwitches = 0,
                BusyNs = 0, IdleNs = 0,
            }],
            Audit = new AuditResult("off", 0, []),
        };
        string report = Render(idle, new RunReportOptions { WallSeconds = 0 });
        Assert.Contains("Audit: off", report);
        Assert.DoesNotContain("NaN", report);
    }

    [Fact]
    public void Another_culture_changes_nothing()
    {
        string expected = Render(SampleResult.Create());
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            var strange = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            strange.NumberFormat.NumberDecimalSeparator = ",";
            strange.NumberFormat.NumberGroupSeparator = ".";
            strange.NumberFormat.NegativeSign = "minus";
            CultureInfo.CurrentCulture = strange;
            Assert.Equal(expected, Render(SampleResult.Create()));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
