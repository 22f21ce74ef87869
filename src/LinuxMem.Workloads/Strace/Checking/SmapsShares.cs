using System.Globalization;

namespace LinuxMem.Workloads.Strace.Checking;

/// <summary>
/// Compares those lines of smaps and smaps_rollup that depend on what happened outside of the log.
/// </summary>
/// <remarks>
/// Whether pages of files from outside are dirty: the executable may have been written shortly before, and nobody
/// knows when its pages went to disk. So clean and dirty pages are compared together. With how many other processes
/// the page of the vdso is shared: so its share may be anything up to the whole page, and it may be private or shared.
/// </remarks>
internal struct SmapsShares
{
    private const long VdsoKb = 8;
    private long cleanGap;
    private long sharedGap;

    /// <summary>
    /// Whether two lines of such a text, which come in order, say what one history can tell of both.
    /// </summary>
    /// <returns>False also for lines of other texts.</returns>
    internal bool Allows(string logged, string simulated)
    {
        if (!TryRead(logged, out string name, out long expected) || !TryRead(simulated, out string other, out long kb)
            || name != other)
            return false;
        long gap = expected - kb;
        switch (name)
        {
            case "Pss_Dirty":
                return true;
            case "Pss" or "Pss_File":
                return Math.Abs(gap) <= VdsoKb;
            case "Shared_Clean" or "Private_Clean":
                cleanGap = gap;
                return true;
            case "Shared_Dirty":
                sharedGap = cleanGap + gap;
                return Math.Abs(sharedGap) <= VdsoKb;
            case "Private_Dirty":
                return cleanGap + gap == -sharedGap;
            default:
                return gap == 0;
        }
    }

    // "Private_Dirty:       804 kB"
    private static bool TryRead(string line, out string name, out long kb)
    {
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        name = fields.Length == 3 ? fields[0].TrimEnd(':') : "";
        kb = 0;
        return fields.Length == 3 && fields[2] == "kB"
            && long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out kb);
    }
}
