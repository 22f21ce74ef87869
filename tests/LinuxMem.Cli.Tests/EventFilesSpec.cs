using System.IO.Compression;
using System.Text.Json;
using LinuxMem.Cli.Hosting;
using LinuxMem.Cli.Tests.EndToEnd;
using LinuxMem.Cli.Tests.Fakes;
using LinuxMem.Reporting.Tests.Timeline;
using LinuxMem.Simulation;

namespace LinuxMem.Cli.Tests;

public sealed class EventFilesSpec : IDisposable
{
    private readonly TempDirectory files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void Events_are_written_as_the_name_or_the_option_says()
    {
        Assert.Equal(0, RealRun.Of("run", "tiny", "--events", files["e.txt"]).Code);
        Assert.Contains("walker           2 [000] 0.000002150: exceptions:page_fault_user: address=0x",
            File.ReadAllText(files["e.txt"]));
        Assert.Equal(0, RealRun.Of("run", "tiny", "--events", files["e.json"]).Code);
        Assert.StartsWith("{\"ns\":0,", File.ReadAllText(files["e.json"]));
        Assert.Equal(0, RealRun.Of("run", "tiny", "--events", files["e.gz"], "--events-format", "perf").Code);
        using var zip = new GZipStream(File.OpenRead(files["e.gz"]), CompressionMode.Decompress);
        Assert.Equal(File.ReadAllText(files["e.txt"]), new StreamReader(zip).ReadToEnd());
        Assert.Equal(["e.gz", "e.json", "e.txt"], files.Entries());
    }

    [Theory]
    [InlineData("tiny")]
    [InlineData("fork-storm")]
    [InlineData("thrashing")]
    [InlineData("fragmentation")]
    public void A_trace_of_a_run_keeps_the_rules_of_its_format_and_stacks_add_up(string scenario)
    {
        RealRun run = RealRun.Of("run", scenario, "--json", "--audit", "off", "--trace", files["t.json"], "--folded",
            files["t.folded"]);
        Assert.Equal(0, run.Code);
        ChromeTraceFile trace = ChromeTraceFile.Parse(File.ReadAllBytes(files["t.json"]));
        trace.Check();
        using var json = JsonDocument.Parse(run.Output);
        int cpus = json.RootElement.GetProperty("cpus").GetArrayLength();
        Assert.InRange(trace.Events.Count(e => e.Name == "thread_name" && e.Pid == 5_000_000), 1, cpus);
        long lives = json.RootElement.GetProperty("processes").EnumerateArray().Sum(process =>
            process.GetProperty("endNs").GetInt64() - process.GetProperty("startNs").GetInt64());
        long folded = File.ReadLines(files["t.folded"]).Sum(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..]));
        // A process ends when it is told to; its task takes some time to be gone.
        Assert.InRange(folded, lives, lives * 1.2);
    }

    [Theory]
    [InlineData("threaded", "mmap_lock", true)]
    [InlineData("gc-storm", "vma_lock", false)] // many count in and out at once: nobody has it
    public void A_trace_of_threads_shows_who_waits_for_whom_by_the_rules_of_the_format(
        string scenario, string lockName, bool hasArrows)
    {
        Assert.Equal(0, RealRun.Of("run", scenario, "--audit", "off", "--trace", files["t.json"]).Code);
        ChromeTraceFile trace = ChromeTraceFile.Parse(File.ReadAllBytes(files["t.json"]));
        trace.Check();
        Assert.Contains(trace.Events, e => e.Phase == "X" && e.Name == "lock " + lockName);
        Assert.Equal(hasArrows, trace.Events.Any(e => e.Phase == "s" && e.Name == "lock " + lockName));
        Assert.Contains(trace.Events, e => e.Phase == "X" && e.Name == "tlb shootdown");
        Assert.Contains(trace.Events, e => e.Phase == "C");
    }

    [Fact]
    public void A_page_is_made_with_the_run_and_of_its_result_later()
    {
        RealRun run = RealRun.Of("run", "tiny", "--json", "--report", files["r.html"]);
        File.WriteAllText(files["r.json"], run.Output);
        Assert.Contains("<h1>tiny</h1>", File.ReadAllText(files["r.html"]));
        Assert.Equal(0, RealRun.Of("report", files["r.json"], "--out", files["later.html"]).Code);
        Assert.Contains("<h1>tiny</h1>", File.ReadAllText(files["later.html"]));
        File.WriteAllText(files["bad.json"], "{\n \"scenario\": }");
        RealRun bad = RealRun.Of("report", files["bad.json"], "--out", files["bad.html"]);
        Assert.Equal(ExitCode.BadInput, bad.Code);
        Assert.Contains("bad.json:2:14: this is not JSON", bad.Error);
        Assert.False(File.Exists(files["bad.html"]));
    }

    [Fact]
    public void Filters_leave_out_what_is_not_asked_for()
    {
        Assert.Equal(0, RealRun.Of("run", "tiny", "--events", files["e.txt"], "--events-kind",
            "page_fault_user,sched:*", "--events-from", "3us", "--events-to", "50us", "--events-pid", "2").Code);
        string[] lines = File.ReadAllLines(files["e.txt"]);
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Matches("^walker +2 .*(sched:|exceptions:page_fault_user)", line));
    }

    [Theory]
    [InlineData("--events-kind", "page_fault_usr", "did you mean 'page_fault_user'?")]
    [InlineData("--events-pid", "1,x", "'x' is not the number of a process")]
    [InlineData("--events-from", "soon", "expected a time such as 1.5ms")]
    public void Wrong_filters_are_told_and_nothing_is_written(string option, string value, string message)
    {
        CommandRun run = CommandRun.Of("run", "--events", files["e.txt"], option, value);
        Assert.Equal(ExitCode.BadInput, run.Code);
        Assert.Contains(message, run.Error);
        Assert.Empty(files.Entries());
    }

    [Fact]
    public void A_filter_without_events_is_a_mistake() => Assert.Contains(
        "--events-to says something about --events", CommandRun.Of("run", "--events-to", "1ms").Error);

    [Fact]
    public void What_cannot_be_written_is_found_before_the_run()
    {
        CommandRun nowhere = CommandRun.Of("run", "--events", files["none/e.txt"]);
        Assert.Equal(ExitCode.InputOutput, nowhere.Code);
        Assert.Null(nowhere.Rooms.Ran);
        Assert.Equal(ExitCode.BadInput, CommandRun.Of("run", "--events", files.Root).Code);
    }

    [Fact]
    public void A_run_that_does_not_end_leaves_the_events_that_came_before_it_was_given_up()
    {
        RealRun run = RealRun.Of("run", "tiny", "--set", "engine.maxVirtual=5us", "--events", files["e.txt"]);
        Assert.Equal(ExitCode.BadInput, run.Code);
        Assert.Contains("exceptions:page_fault_user", File.ReadAllText(files["e.txt"]));
    }

    [Fact]
    public void A_run_that_did_not_begin_leaves_no_events()
    {
        RealRun run = RealRun.Of("run", "tiny", "--set", "machine.memory=16KiB", "--events", files["e.txt"]);
        Assert.Equal(ExitCode.BadInput, run.Code);
        Assert.Empty(files.Entries());
    }

    [Fact]
    public void After_a_broken_invariant_the_events_are_there_and_after_an_interruption_not()
    {
        var broken = new FakeRooms { Engine = _ => throw new KernelBug("I01") };
        Assert.Equal(ExitCode.InvariantViolated, CommandRun.With(broken, "run", "--events", files["e.txt"]).Code);
        Assert.Equal(["e.txt"], files.Entries());
        var stopped = new FakeRooms { Engine = _ => throw new OperationCanceledException() };
        Assert.Equal(ExitCode.Interrupted, CommandRun.With(stopped, "run", "--events", files["f.txt"]).Code);
        Assert.Equal(["e.txt"], files.Entries());
    }
}
