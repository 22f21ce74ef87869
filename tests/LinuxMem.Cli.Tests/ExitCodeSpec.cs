using LinuxMem.Cli.Tests.Fakes;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Cli.Tests;

public sealed class ExitCodeSpec
{
    [Fact]
    public void A_run_that_ends_well_is_0_and_says_nothing_on_stderr()
    {
        CommandRun run = CommandRun.Of("run");
        Assert.Equal(0, run.Code);
        Assert.Equal("", run.Error);
        Assert.StartsWith("showcase: seed 5, digest 00000000deadbeef", run.Output);
        Assert.Equal(["read (default) []", "run"], run.Rooms.Calls);
    }

    [Fact]
    public void A_digest_other_than_the_expected_one_is_1_and_the_result_is_printed_all_the_same()
    {
        CommandRun run = CommandRun.Of("run", "--expect-digest", "00000000deadbeee");
        Assert.Equal(1, run.Code);
        Assert.Equal("linuxmem: expectation failed: the digest is 00000000deadbeef, expected 00000000deadbeee\n",
            run.Error);
        Assert.Contains("Digest: 00000000deadbeef", run.Output);
        Assert.Equal(0, CommandRun.Of("run", "--expect-digest", SampleRun.Digest).Code);
    }

    [Fact]
    public void A_panic_of_the_simulated_kernel_is_6_and_the_result_is_printed()
    {
        var rooms = new FakeRooms
        {
            Engine = scenario => SampleRun.Of(scenario) with { Panic = new PanicResult(5_000, "System is deadlocked") },
        };
        CommandRun run = CommandRun.With(rooms, "run");
        Assert.Equal(6, run.Code);
        Assert.Equal("linuxmem: the simulated kernel panicked: System is deadlocked\n", run.Error);
        Assert.Contains(": System is deadlocked; the run ends there", run.Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_in_a_scenario_are_2_and_each_stands_on_a_line_of_its_own()
    {
        var rooms = new FakeRooms
        {
            Reader = () => throw new ConfigurationException(["a.json:1:2: error: one",
                "a.json:3:4: error: \u001b[2Jtwo"]),
        };
        CommandRun run = CommandRun.With(rooms, "run", "a.json");
        Assert.Equal(2, run.Code);
        Assert.Equal("a.json:1:2: error: one\na.json:3:4: error: ?[2Jtwo\n", run.Error);
        Assert.Equal("", run.Output);
    }

    [Fact]
    public void Data_that_cannot_be_unpacked_are_2()
    {
        var rooms = new FakeRooms { Engine = _ => throw new InvalidDataException("not gzip") };
        Assert.Equal(2, CommandRun.With(rooms, "replay", "x.gz").Code);
    }

    [Theory]
    [InlineData(typeof(FileNotFoundException))]
    [InlineData(typeof(UnauthorizedAccessException))]
    [InlineData(typeof(DirectoryNotFoundException))]
    public void A_file_that_cannot_be_read_is_3(Type type)
    {
        var rooms = new FakeRooms { Reader = () => throw (Exception)Activator.CreateInstance(type, "no such thing")! };
        CommandRun run = CommandRun.With(rooms, "run", "a.json");
        Assert.Equal(3, run.Code);
        Assert.Equal("linuxmem: no such thing\n", run.Error);
    }

    [Fact]
    public void A_broken_invariant_is_4_with_the_command_that_shows_it_again()
    {
        var rooms = new FakeRooms { Engine = _ => throw FakeRooms.Bug() };
        CommandRun run = CommandRun.With(rooms, "run", "my scenario.json", "--set", "machine.cpus=2");
        Assert.Equal(4, run.Code);
        Assert.Equal(
            "linuxmem: invariant violated: I03: a free frame is mapped\n"
            + "This is a bug of the simulator. To see it again: "
            + "linuxmem run 'my scenario.json' --set machine.cpus=2 --seed 5\n",
            run.Error);
        Assert.Equal("", run.Output);
    }

    [Fact]
    public void The_command_to_see_a_bug_again_does_not_name_the_seed_twice()
    {
        var rooms = new FakeRooms { Engine = _ => throw FakeRooms.Bug() };
        Assert.EndsWith(": linuxmem run --seed=9\n", CommandRun.With(rooms, "run", "--seed=9").Error);
        Assert.EndsWith(": linuxmem replay x.log\n", CommandRun.With(rooms, "replay", "x.log").Error);
    }

    [Fact]
    public void Violations_that_the_audit_found_are_4_and_come_before_expectations()
    {
        var rooms = new FakeRooms { Engine = SampleRun.Broken };
        CommandRun run = CommandRun.With(rooms, "run", "--expect-digest", "0000000000000000");
        Assert.Equal(4, run.Code);
        Assert.Contains("linuxmem: invariant violated: I07: a frame is lost\n", run.Error);
        Assert.Contains("1 VIOLATED", run.Output);
    }

    [Fact]
    public void A_log_whose_lines_do_not_add_up_is_4()
    {
        var rooms = new FakeRooms { Totals = SampleRun.Totals(0) with { Notes = 0 } };
        CommandRun run = CommandRun.With(rooms, "replay", "x.log");
        Assert.Equal(4, run.Code);
        Assert.Contains("accounted for", run.Error);
    }

    [Fact]
    public void A_bug_of_the_program_is_5_and_its_stack_trace_goes_to_a_file()
    {
        using var temp = new TempDirectory();
        var rooms = new FakeRooms { Engine = _ => throw new InvalidOperationException("oops") };
        CommandRun run = CommandRun.With(rooms, services => services with { CrashDirectory = temp.Root }, "run",
            "--seed", "3");
        Assert.Equal(5, run.Code);
        Assert.DoesNotContain("   at ", run.Error);
        Assert.StartsWith(
            "linuxmem: internal error: InvalidOperationException: oops\nPlease report this with the file ", run.Error);
        string crash = File.ReadAllText(temp[Assert.Single(temp.Entries())]);
        Assert.Contains("   at ", crash);
        Assert.Contains("linuxmem run --seed 3", crash);
    }

    [Fact]
    public void A_bug_is_reported_even_where_no_file_can_be_written()
    {
        var rooms = new FakeRooms { Engine = _ => throw new InvalidOperationException("oops") };
        CommandRun run = CommandRun.With(rooms, services => services with { CrashDirectory = "/nowhere/at/all" },
            "run");
        Assert.Equal(5, run.Code);
        Assert.EndsWith("Please report this.\n", run.Error);
    }

    [Fact]
    public void A_single_failure_behind_an_aggregate_counts_as_itself()
    {
        var rooms = new FakeRooms { Engine = _ => throw new AggregateException(new OperationCanceledException()) };
        Assert.Equal(130, CommandRun.With(rooms, "run").Code);
    }

    [Fact]
    public void An_interrupted_run_is_130_and_prints_no_result()
    {
        using var interrupted = new CancellationTokenSource();
        interrupted.Cancel();
        CommandRun run = CommandRun.With(new FakeRooms(), services => services with { Cancel = interrupted.Token },
            "run");
        Assert.Equal(130, run.Code);
        Assert.Equal("linuxmem: interrupted\n", run.Error);
        Assert.Equal("", run.Output);
    }

    [Fact]
    public void A_full_disk_behind_stdout_is_3()
    {
        var rooms = new FakeRooms();
        Seams.CommandServices services = ServicesOf(rooms);
        var error = new StringWriter();
        using var output = new StreamWriter(new FullDisk(), bufferSize: 1 << 16);
        Assert.Equal(3, Commands.LinuxMemCommand.Invoke(["schema"], output, error, services));
        Assert.Contains("No space left", error.ToString());
    }

    [Fact]
    public void A_closed_stderr_does_not_change_the_code()
    {
        var rooms = new FakeRooms { Engine = _ => throw new OperationCanceledException() };
        Seams.CommandServices services = ServicesOf(rooms);
        var error = new StreamWriter(new ClosedStream()) { AutoFlush = true };
        Assert.Equal(130, Commands.LinuxMemCommand.Invoke(["run"], new StringWriter(), error, services));
    }

    private static Seams.CommandServices ServicesOf(FakeRooms rooms) =>
        new()
        {
            Simulator = rooms,
            Scenarios = rooms,
            Replays = rooms,
            MissStudies = rooms,
            Recorder = rooms,
            Scale = rooms,
        };

    private sealed class ClosedStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new UnauthorizedAccessException();

        public override void Write(byte[] buffer, int offset, int count) => throw new UnauthorizedAccessException();
    }

    private sealed class FullDisk : MemoryStream
    {
        private bool failed;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            // Once only: the writer tries again when it is disposed.
            if (failed)
                return;
            failed = true;
            throw new IOException("No space left on device");
        }
    }
}
