using LinuxMem.Cli.Display;
using LinuxMem.Cli.Tests.Fakes;
using LinuxMem.Simulation.Results;
using Spectre.Console;

namespace LinuxMem.Cli.Tests;

public sealed class ProgressViewSpec
{
    private static readonly RunProgress Half = new(412_000_000, 1_234, 56_000_000, 7_890, 40, 25, 5_000, 10_000);

    private static IAnsiConsole Terminal(StringWriter writer)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = 80;
        return console;
    }

    [Fact]
    public void The_view_shows_time_speed_faults_processes_and_memory()
    {
        var writer = new StringWriter();
        Terminal(writer).Write(ProgressView.Render("evil [name]\u001b", Half, 2.0));
        string text = writer.ToString();
        Assert.Contains("evil [name]?", text);
        Assert.Contains("412 ms in 2.00 s", text);
        Assert.Contains("56.0 M  28.0 M accesses/s", text);
        Assert.Contains("7,890", text);
        Assert.Contains("40 live, 25 ended", text);
        Assert.Contains("####################.................... 50.0% used", text);
    }

    [Fact]
    public void The_live_view_gives_back_the_result_and_clears_itself()
    {
        var writer = new StringWriter();
        RunResult result = SampleRun.Of(SampleRun.Scenario);
        double now = 0;
        RunResult shown = ProgressView.Run(ProgressMode.Live, "x", Terminal(writer), () => now += 0.5, progress =>
        {
            progress!.Report(Half);
            progress.Report(Half);
            return result;
        });
        Assert.Same(result, shown);
        Assert.Contains("Virtual time", writer.ToString());
        Assert.Contains("\u001b[2K", writer.ToString());
    }

    [Fact]
    public void What_goes_wrong_under_the_live_view_comes_out_as_it_is()
    {
        IAnsiConsole terminal = Terminal(new StringWriter());
        Assert.Throws<OperationCanceledException>(() => ProgressView.Run(
            ProgressMode.Live, "x", terminal, () => 0, _ => throw new OperationCanceledException()));
    }

    [Fact]
    public void Reports_are_shown_no_more_often_than_asked()
    {
        double now = 0;
        int shown = 0;
        var pace = new ProgressPace(() => now, 0.1, (_, _) => shown++);
        for (int i = 0; i < 1_000; i++)
        {
            pace.Report(Half);
            now = 0.001 * i;
        }

        Assert.InRange(shown, 9, 11);
    }

    [Fact]
    public void A_stream_that_takes_no_more_ends_the_reports_and_not_the_run()
    {
        double now = 0;
        int tries = 0;
        var pace = new ProgressPace(() => now++, 0.1, (_, _) =>
        {
            tries++;
            throw new IOException("closed");
        });
        pace.Report(Half);
        pace.Report(Half);
        Assert.Equal(1, tries);
    }

    [Fact]
    public void A_machine_without_memory_yet_is_shown() =>
        Terminal(new StringWriter()).Write(ProgressView.Render("x", new RunProgress(0, 0, 0, 0, 0, 0, 0, 0), 0));
}
