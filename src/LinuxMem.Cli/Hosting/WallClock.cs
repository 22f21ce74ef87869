using System.Diagnostics;

namespace LinuxMem.Cli.Hosting;

/// <summary>
/// Real time. The one place that reads it: for what people are told about speed, never for what a run does.
/// </summary>
internal static class WallClock
{
    // The model has virtual time only; this is the command's own clock, and nothing of it reaches the model.
#pragma warning disable RS0030
    /// <summary>Seconds since some fixed moment, never going back.</summary>
    public static double Seconds() => Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
#pragma warning restore RS0030
}
