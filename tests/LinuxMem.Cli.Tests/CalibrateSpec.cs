using LinuxMem.Cli.Calibration;
using LinuxMem.Cli.Tests.Fakes;

namespace LinuxMem.Cli.Tests;

public class CalibrateSpec
{
    private const string Measured = """
        syscall 140.0
        mmap_pair 2700.4
        write_fault 1300.0
        unmap_page 270.2
        zero_page 150.0
        copy_page 400.0
        fork 60000.0
        fork_page 55.5
        pipe_switch 2000.0
        line - it takes two CPUs
        shootdown - it takes two CPUs
        """;

    [Fact]
    public void What_was_measured_becomes_settings_with_their_sources_and_what_was_not_is_named()
    {
        CommandRun run = With(Measured, "calibrate");
        Assert.Equal(0, run.Code);
        Assert.Contains("machine.costs.entryNs=100               # getppid, of which five sevenths", run.Output,
            StringComparison.Ordinal);
        Assert.Contains("machine.costs.syscallNs=40 ", run.Output, StringComparison.Ordinal);
        Assert.Contains("machine.costs.faultNs=944 ", run.Output, StringComparison.Ordinal);
        Assert.Contains("machine.costs.unmapPageNs=270 ", run.Output, StringComparison.Ordinal);
        Assert.Contains("#   line: it takes two CPUs", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("ipiNs=", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_parts_of_a_fault_add_up_to_what_was_measured()
    {
        var costs = new HostCosts(Measured);
        long Of(string key) => costs.Settings.Single(setting => setting.Key == "costs." + key).Ns;
        Assert.InRange(Of("entryNs") + Of("faultNs") + Of("zeroPageNs") + 100 + (400.0 / 63), 1299, 1301);
        Assert.Equal(140, Of("entryNs") + Of("syscallNs"));
    }

    [Fact]
    public void The_file_is_what_costs_reads_and_set_comes_after_it()
    {
        using var directory = new TempDirectory();
        string file = directory["host.costs"];
        Assert.Equal(0, With(Measured, "calibrate", "--out", file).Code);
        Assert.Equal(2, With(Measured, "calibrate", "--out", file).Code);
        CommandRun run = CommandRun.Of("run", "tiny", "--costs", file, "--set", "machine.costs.entryNs=9");
        string read = run.Rooms.Calls.Single(call => call.StartsWith("read", StringComparison.Ordinal));
        Assert.Contains("[machine.costs.entryNs=100 ", read, StringComparison.Ordinal);
        Assert.EndsWith("machine.costs.entryNs=9]", read, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_is_no_setting_is_bad_input_at_its_place()
    {
        using var directory = new TempDirectory();
        string file = directory["bad.costs"];
        File.WriteAllText(file, "# fine\nmachine.cpus=2\nnonsense\n");
        CommandRun run = CommandRun.Of("run", "--costs", file);
        Assert.Equal(2, run.Code);
        Assert.Contains("bad.costs:3:1: error: expected KEY=VALUE", run.Error, StringComparison.Ordinal);
        Assert.Equal(3, CommandRun.Of("run", "--costs", directory["none"]).Code);
    }

    [Fact]
    public void A_host_that_cannot_be_measured_is_an_error_of_its_own() =>
        Assert.Equal(3, CommandRun.Of("calibrate").Code);

    [Fact]
    public void Tests_on_the_host_are_put_beside_the_same_here()
    {
        CommandRun run = Comparing(new FakeHost { TwoThreads = 170 });
        Assert.Equal(0, run.Code);
        Assert.Contains("5 of 5 tests within 25% of the host with 95% confidence.", run.Output,
            StringComparison.Ordinal);
        string row = run.Output.Split('\n').Single(line => line.StartsWith("mmap1", StringComparison.Ordinal));
        Assert.Equal(["mmap1", "2.00", "2.00", "1.70", "2.00", "0.85", "0.85-0.85", "12", "1.00", "18%", "ok"],
            row.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        CommandRun off = Comparing(new FakeHost { TwoThreads = 150 });
        Assert.Equal(1, off.Code);
        Assert.Contains("differs", off.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_busy_host_is_skipped_and_named_after_as_many_rounds_as_it_may_take()
    {
        var busy = new FakeHost { TwoThreads = 20, LostPermille = 400 };
        CommandRun run = Comparing(busy);
        Assert.Equal(0, run.Code);
        Assert.Contains("skipped: the host is busy", run.Output, StringComparison.Ordinal);
        Assert.Contains("Nothing can be said", run.Output, StringComparison.Ordinal);
        Assert.Equal(HostScaleSession.RoundsMost, busy.Rounds);
        Assert.Equal(1, Comparing(new FakeHost { TwoThreads = 20, LostPermille = 30 }).Code);
    }

    [Fact]
    public void Bounds_that_reach_over_the_limit_are_neither_ok_nor_an_error()
    {
        CommandRun run = Comparing(new FakeHost { TwoThreads = 160, Swing = 30 });
        Assert.Equal(0, run.Code);
        Assert.Contains("unsure", run.Output, StringComparison.Ordinal);
        Assert.Contains("0 of 5 tests within 25% of the host with 95% confidence, 5 with less.", run.Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void It_measures_until_the_ratios_are_known_and_leaves_disturbed_slices_out()
    {
        var host = new FakeHost { TwoThreads = 170, BusyRounds = 20 };
        HostScale scale = new HostScaleSession(host.Measure).Run(CancellationToken.None);
        Assert.Equal(36, host.Rounds);
        MedianInterval ratio = scale.Ratio(new("brk1", "threads", 2), new("brk1", "processes", 2))!.Value;
        Assert.Equal((16, 0.85), (ratio.Count, ratio.Median));
        Assert.Equal(200, scale.LineNs());
        Assert.Equal((125, 500), (scale.MoreNs("munlock"), scale.MoreNs("vma")));
    }

    [Fact]
    public void What_two_threads_take_longer_gives_the_hand_over_of_a_lock_and_the_lines_under_it()
    {
        HostScale scale = new HostScaleSession(new FakeHost { TwoThreads = 170 }.Measure).Run(CancellationToken.None);
        var costs = new HostCosts(Measured, scale);
        long Of(string key) => costs.Settings.Single(setting => setting.Key == "locks." + key).Ns;
        Assert.Equal(200, Of("lineNs"));
        Assert.Equal(125 + 140, Of("handoffNs"));
        Assert.Equal(1, Of("vmaLines")); // 500 + 140, less one and a half hand-overs: 242 ns
        Assert.Equal(1, Of("splitLines"));
        var alone = new HostCosts(Measured.Replace("line -", "other -", StringComparison.Ordinal) + "\nline 60");
        Assert.Equal(270, alone.Settings.Single(setting => setting.Key == "locks.handoffNs").Ns);
    }

    [Fact]
    public void A_host_with_one_cpu_or_without_compiler_is_skipped_with_the_reason()
    {
        CommandRun run = Comparing((_, _) => "- it takes two CPUs, and this process may use one\n");
        Assert.Equal((0, "skipped: it takes two CPUs, and this process may use one\n"), (run.Code, run.Output));
        Assert.Equal("skipped: there is no host to measure\n", CommandRun.Of("calibrate", "--compare").Output);
        Assert.Equal(2, CommandRun.Of("calibrate", "--json").Code);
    }

    private static CommandRun Comparing(FakeHost host) => Comparing(host.Measure);

    private static CommandRun Comparing(Func<int, CancellationToken, string> scaled) => CommandRun.With(new FakeRooms(),
        services => services with { MeasureHost = _ => Measured, MeasureHostScale = scaled },
        "calibrate", "--compare");

    private static CommandRun With(string measured, params string[] args) =>
        CommandRun.With(new FakeRooms(), services => services with { MeasureHost = _ => measured }, args);
}
