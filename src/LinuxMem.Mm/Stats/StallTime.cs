using System.Text;

namespace LinuxMem.Mm.Stats;

/// <summary>How long a condition held, in all and on the average of late.</summary>
/// <remarks>Linux: kernel/sched/psi.c: update_averages, calc_avgs, psi_show, v6.18.</remarks>
public sealed class StallTime
{
    private const long PeriodNs = 2_000_000_000;
    private const long One = 2048; // FIXED_1
    private static readonly long[] Decay = [1677, 1981, 2034]; // over 10, 60 and 300 seconds
    private readonly long[] averages = new long[3];
    private long periodEndNs = PeriodNs;
    private long inPeriodNs;
    private long sinceNs;

    /// <summary>In all, up to the last time it was told.</summary>
    public long TotalNs { get; private set; }

    /// <summary>Time goes on to a moment; <paramref name="held"/> says whether the condition held all the
    /// while.</summary>
    public void Advance(long nowNs, bool held)
    {
        while (nowNs >= periodEndNs)
        {
            Take(periodEndNs, held);
            long percent = inPeriodNs * 100 / PeriodNs * One;
            for (int i = 0; i < averages.Length; i++)
            {
                long next = (averages[i] * Decay[i]) + (percent * (One - Decay[i]));
                averages[i] = (percent >= averages[i] ? next + One - 1 : next) / One;
            }

            inPeriodNs = 0;
            periodEndNs += PeriodNs;
        }

        Take(nowNs, held);
    }

    /// <summary>Appends a line of /proc/pressure.</summary>
    public void AppendLine(StringBuilder text, string name)
    {
        text.Append(name);
        string[] names = [" avg10=", " avg60=", " avg300="];
        for (int i = 0; i < names.Length; i++)
        {
            long hundredths = averages[i] % One * 100 / One;
            text.Append(names[i]).Append(System.Globalization.CultureInfo.InvariantCulture,
                $"{averages[i] / One}.{hundredths:00}");
        }

        text.Append(System.Globalization.CultureInfo.InvariantCulture, $" total={TotalNs / 1000}\n");
    }

    private void Take(long nowNs, bool held)
    {
        long span = Math.Max(0, nowNs - sinceNs);
        sinceNs = Math.Max(sinceNs, nowNs);
        if (!held)
            return;
        TotalNs += span;
        inPeriodNs += span;
    }
}
