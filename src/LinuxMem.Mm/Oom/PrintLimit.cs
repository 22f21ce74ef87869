using System.Globalization;

namespace LinuxMem.Mm.Oom;

/// <summary>Keeps a message that may come in masses from flooding the log: ten in five seconds.</summary>
/// <remarks>
/// Linux: lib/ratelimit.c: ___ratelimit (DEFAULT_RATELIMIT_INTERVAL, _BURST), v6.18. How many were kept back is told
/// with the first message of the next interval.
/// </remarks>
/// <param name="log">Where messages go.</param>
/// <param name="caller">The function of Linux that prints the message.</param>
public sealed class PrintLimit(KernelLog log, string caller)
{
    private const long IntervalNs = 5_000_000_000;
    private const int Burst = 10;
    private long beginNs = -1;
    private int printed;
    private int missed;

    /// <summary>Prints a message, or counts it as kept back.</summary>
    public void Print(long atNs, string text)
    {
        if (beginNs < 0 || atNs > beginNs + IntervalNs)
        {
            if (missed > 0)
            {
                log.Print(atNs, string.Create(
                    CultureInfo.InvariantCulture, $"{caller}: {missed} callbacks suppressed"));
            }

            beginNs = atNs;
            printed = missed = 0;
        }

        if (printed == Burst)
        {
            missed++;
            return;
        }

        printed++;
        log.Print(atNs, text);
    }
}
