namespace LinuxMem.Cli.Hosting;

/// <summary>Real time. The one place that reads it: for what people are told about speed, never for what a run does.</summary>
internal static class WallClock
{
#pragma warning disable RS0030 // The model has virtual time only; this is the command's own clock, and nothing of it reaches the model.
    /// <summary>Seconds since some fixed moment, never going back.</summary>
    public static double Seconds() => System.Diagnostics.Stopwatch.GetTimestamp() / (double)System.Diagnostics.Stopwatch.Frequency;
#pragma warning restore RS0030
}
