using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Results;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace LinuxMem.Cli.Display;

/// <summary>Shows how far a run is while it goes on, on the standard error stream.</summary>
internal static class ProgressView
{
    private const double LiveInterval = 0.1;
    private const double LineInterval = 1.0;
    private const int BarWidth = 40;

    /// <summary>Runs something under a progress view of the given kind.</summary>
    /// <param name="mode">How to show it.</param>
    /// <param name="title">What is run.</param>
    /// <param name="console">The terminal, or the log.</param>
    /// <param name="seconds">Real time.</param>
    /// <param name="run">What to run; it gets whom to tell, or null.</param>
    public static RunResult Run(
        ProgressMode mode,
        string title,
        IAnsiConsole console,
        Func<double> seconds,
        Func<IProgress<RunProgress>?, RunResult> run)
    {
        switch (mode)
        {
            case ProgressMode.None:
                return run(null);
            case ProgressMode.Lines:
                TextWriter writer = console.Profile.Out.Writer;
                return run(new ProgressPace(seconds, LineInterval, (progress, _) => writer.WriteLine(Line(progress))));
            default:
                return console.Live(new Text("")).AutoClear(true).Start(live => run(new ProgressPace(
                    seconds,
                    LiveInterval,
                    (progress, elapsed) =>
                    {
                        live.UpdateTarget(Render(title, progress, elapsed));
                        live.Refresh();
                    })));
        }
    }

    /// <summary>One line that says how far the run is.</summary>
    public static string Line(RunProgress p) =>
        $"virtual time {Units.Duration(p.VirtualNs)}, {Units.Count(p.Accesses)} accesses, "
        + $"{Units.Count(p.Faults)} faults, {p.LiveProcesses} processes live, {p.EndedProcesses} ended, "
        + $"{Units.Percent(p.FreePages, p.TotalPages)} of memory free";

    /// <summary>The view: a few rows in a frame.</summary>
    public static IRenderable Render(string title, RunProgress p, double elapsed)
    {
        string speed = elapsed > 0 ? "  " + Units.Rate(p.Accesses / elapsed, "accesses") : "";
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap());
        grid.AddRow(new Text("Virtual time"), new Text($"{Units.Duration(p.VirtualNs)} in {Units.Seconds(elapsed)}"));
        grid.AddRow(new Text("Accesses"), new Text(Units.Count(p.Accesses) + speed));
        grid.AddRow(new Text("Page faults"), new Text(Units.Count(p.Faults)));
        grid.AddRow(new Text("Rounds"), new Text(Units.Count(p.Rounds)));
        string processes = $"{Units.Exact(p.LiveProcesses)} live, {Units.Exact(p.EndedProcesses)} ended";
        grid.AddRow(new Text("Processes"), new Text(processes));
        grid.AddRow(new Text("Memory"), new Text(Bar(p.TotalPages - p.FreePages, p.TotalPages)));
        var header = new PanelHeader(Markup.Escape(SafeText.Clean(title, 40)));
        return new Panel(grid) { Header = header, Border = BoxBorder.Rounded };
    }

    private static string Bar(long used, long total)
    {
        int full = total <= 0 ? 0 : (int)Math.Clamp(BarWidth * used / total, 0, BarWidth);
        return new string('#', full) + new string('.', BarWidth - full) + " " + Units.Percent(used, total) + " used";
    }
}
