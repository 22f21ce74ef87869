using System.Text;
using LinuxMem.Cli.Tests.EndToEnd;
using LinuxMem.Cli.Tests.Fakes;
using LinuxMem.Testing;
using LinuxMem.Testing.Exploring;

namespace LinuxMem.Cli.Tests.Exploring;

/// <summary>Explorations: the same for any number of workers and after any interruption, and every finding can be seen
/// again.</summary>
public sealed class ExplorerSpec
{
    private const string Failing =
        "{ \"name\": \"x\", \"machine\": { \"cpus\": 2, \"memory\": \"1MiB\" }, "
        + "\"expect\": [ { \"process.p.cpuNs\": { \"max\": 200000 } } ], "
        + "\"processes\": [ { \"name\": \"p\", \"count\": 3, \"steps\": [ { \"mmap\": { \"length\": \"64KiB\", "
        + "\"as\": \"m\" } }, { \"touch\": { \"region\": \"m\" } } ] } ] }";

    [Fact]
    public void The_file_is_the_same_for_any_number_of_workers_and_after_any_interruption()
    {
        using var folder = new TempDirectory();
        string one = folder["one"];
        RealRun whole = Explore(one, "--workers", "1");
        Assert.True(whole.Code == 0, whole.Error + whole.Output);
        byte[] expected = File.ReadAllBytes(one);
        Assert.Equal(whole.Output, Explore(folder["three"], "--workers", "3").Output);
        Assert.Equal(expected, File.ReadAllBytes(folder["three"]));
        // What a kill leaves: any beginning of the file.
        foreach (int cut in new[] { 0, expected.Length / 3, expected.Length - 1, expected.Length })
        {
            string path = folder[$"cut-{cut}"];
            File.WriteAllBytes(path, expected[..cut]);
            RealRun resumed = Explore(path, "--workers", "2");
            Assert.Equal(whole.Output, resumed.Output);
            Assert.Equal(expected, File.ReadAllBytes(path));
            Assert.Equal(cut > 0 && cut < expected.Length, resumed.Error.Contains("was cut off"));
        }

        Assert.Equal(6, folder.Entries().Length);
    }

    [Fact]
    public void A_damaged_record_ends_the_sound_part()
    {
        using var folder = new TempDirectory();
        string path = folder["file"];
        Explore(path);
        byte[] sound = File.ReadAllBytes(path);
        byte[] damaged = [.. sound];
        damaged[sound.Length / 2] ^= 1;
        File.WriteAllBytes(path, damaged);
        Assert.Contains("was cut off", Explore(path).Error);
        Assert.Equal(sound, File.ReadAllBytes(path));
    }

    [Fact]
    public void A_file_of_something_else_is_bad_input_and_stays_as_it_is()
    {
        using var folder = new TempDirectory();
        File.WriteAllText(folder["text"], "hello, this is a text and no exploration");
        RealRun text = Explore(folder["text"]);
        Assert.Equal(2, text.Code);
        Assert.Contains("this is no file of an exploration", text.Error);
        Assert.StartsWith("hello", File.ReadAllText(folder["text"]));
        Explore(folder["other"]);
        byte[] before = File.ReadAllBytes(folder["other"]);
        RealRun other = Explore(folder["other"], "--strategy", "pct:3");
        Assert.Equal(2, other.Code);
        Assert.Contains("another exploration", other.Error);
        Assert.Equal(before, File.ReadAllBytes(folder["other"]));
    }

    [Fact]
    public void A_finding_is_told_with_the_command_that_shows_it_again()
    {
        using var folder = new TempDirectory();
        File.WriteAllText(folder["x.json"], Failing);
        RealRun run = RealRun.Of("explore", folder["x.json"], "--seeds", "1..60", "--quiet", "--strategy", "random");
        Assert.True(run.Code == 1, run.Output + run.Error);
        string replay = run.Output.Split('\n').First(line => line.Contains("linuxmem run ")).Trim();
        RealRun again = RealRun.Of(replay.Split(' ')[1..]);
        Assert.Equal(1, again.Code);
        Assert.Contains("expected at most 200000", again.Error);
    }

    [Theory]
    [InlineData("usual"), InlineData("random"), InlineData("pct:3"), InlineData("delay:2")]
    public void Strategies_change_no_more_than_they_may(string choices)
    {
        SimulatedMachine machine = SimulatedMachine.Named("tiny").With("machine.cpus", "2").WithChoices(choices);
        MachineOutcome expected = machine.AuditedEveryRound().Run();
        Assert.Empty(expected.Violations);
        foreach ((string key, string value) in new[]
                 { ("engine.threads", "2"), ("engine.windowNs", "500"), ("engine.windowNs", "3600000000000") })
            Assert.Equal(expected.Digest, machine.With(key, value).Run().Digest);
    }

    [Fact]
    public void Seeds_with_a_strategy_differ_and_decisions_written_down_repeat_a_run()
    {
        SimulatedMachine machine = SimulatedMachine.Named("tiny").With("machine.cpus", "2");
        string usual = machine.Run().Digest;
        Assert.Equal(usual, machine.WithChoices("usual").Run().Digest);
        Assert.NotEqual(usual, machine.WithChoices("resume-delay@3=5000").Run().Digest);
        Assert.Equal(machine.WithChoices("resume-delay@3=5000,preempt@0=1").Run().Digest,
            machine.WithChoices("preempt@0=1,resume-delay@3=5000").Run().Digest);
        Exploration exploration = machine.Explore(1, 20);
        Assert.True(exploration.Runs.Select(run => run.Digest).Distinct().Count() > 15);
    }

    [Fact]
    public void Random_scenarios_are_read_and_run_and_are_always_the_same()
    {
        Exploration first = RunGenerated(1, 40, 1);
        Assert.Equal(first.Digest, RunGenerated(1, 40, 2).Digest);
        Assert.Empty(first.Findings.Select(run => $"{run.Number}: {run.Finding}"));
    }

    [Theory]
    [InlineData(139, "usual")]
    [InlineData(458, "usual")]
    [InlineData(458, "random")]
    public void Tasks_that_are_short_of_memory_do_not_take_each_others_pages_away_for_ever(
        ulong seed, string choices)
    {
        // Exploring found it: a page that was read for one was reclaimed by the other before it could be mapped.
        Assert.Empty(SimulatedMachine.Random(seed).WithChoices(choices).Run().Violations);
    }

    [Fact]
    public void The_smallest_memory_does_for_many_cpus()
    {
        // Exploring found it: here the bounds of per-CPU lists change places.
        foreach (string cpus in new[] { "1", "2", "7", "64" })
        {
            SimulatedMachine machine = SimulatedMachine.Named("tiny").With("machine.cpus", cpus)
                .With("machine.memory", "1MiB").AuditedEveryRound();
            Assert.Empty(machine.Run().Violations);
        }
    }

    [Fact]
    public void A_swarm_injects_other_faults_in_each_run_and_tells_what_was_passed()
    {
        string[] options = ["explore", "--generate", "--swarm", "--heal-at", "2ms", "--seeds", "1..24", "--quiet"];
        RealRun run = RealRun.Of([.. options, "--workers", "1"]);
        Assert.True(run.Code == 0, run.Output + run.Error);
        Assert.Contains("Fault points: in how many runs passed", run.Output);
        Assert.Contains("page_fault", run.Output);
        Assert.Equal(run.Output, RealRun.Of([.. options, "--workers", "2"]).Output);
        Assert.NotEqual(SwarmFaults.Draw(1).Select(rule => $"{rule}"), SwarmFaults.Draw(2).Select(rule => $"{rule}"));
    }

    [Fact]
    public void A_tags_former_owner_loses_no_frame_while_a_switch_is_under_way()
    {
        // Exploring found it, and shrinking made it this: the flush was due at the end of the switch only.
        string path = RealRun.RepositoryFile("tests/LinuxMem.Cli.Tests/Exploring/Found/asid-reuse.json");
        Assert.Empty(SimulatedMachine.FromFile(path).Run().Violations);
    }

    [Fact]
    public void The_crc_is_that_of_the_standard() =>
        Assert.Equal(0xe3069283, Journal.Crc32C(Encoding.ASCII.GetBytes("123456789")));

    [Theory]
    [InlineData("--seeds: '5..1' is an empty range", "--seeds", "5..1")]
    [InlineData("--seeds: 'x' is neither a seed nor a range such as 1..1000", "--seeds", "x")]
    [InlineData("--strategy: 'pct' is no strategy; expected \"usual\"", "--seeds", "1", "--strategy", "pct")]
    [InlineData("--generate: the scenario 'tiny' is given, too", "--seeds", "1", "--generate")]
    [InlineData("'--seeds' is required", "--quiet")]
    public void Bad_options_are_2(string message, params string[] options)
    {
        RealRun run = RealRun.Of(["explore", "tiny", .. options]);
        Assert.Equal(2, run.Code);
        Assert.Contains(message, run.Error);
    }

    private static RealRun Explore(string path, params string[] options) =>
        RealRun.Of(["explore", "tiny", "--seeds", "1..24", "--out", path, "--quiet", .. options]);

    private static Exploration RunGenerated(ulong first, ulong last, int workers) => Explorer.Run(new ExploreRequest
    {
        ScenarioOf = seed => SimulatedMachine.Random(seed).WithChoices("random").Scenario(),
        First = first,
        Last = last,
        Workers = workers,
    });
}
