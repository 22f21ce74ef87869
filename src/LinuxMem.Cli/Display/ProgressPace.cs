using LinuxMem.Simulation.Results;

namespace LinuxMem.Cli.Display;

/// <summary>Hands on progress reports at most so often, whichever thread they come from.</summary>
internal sealed class ProgressPace(Func<double> seconds, double interval, Action<RunProgress, double> show)
    : IProgress<RunProgress>
{
    private readonly Lock gate = new();
    private readonly double start = seconds();
    private double next;

    /// <inheritdoc/>
    public void Report(RunProgress value)
    {
        lock (gate)
        {
            double elapsed = seconds() - start;
            if (elapsed < next)
                return;
            next = elapsed + interval;
            try
            {
                show(value, elapsed);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Nobody can be told any more (a closed stderr): no reason to end a long run.
                next = double.PositiveInfinity;
            }
        }
    }
}
