namespace LinuxMem.Workloads.Strace.Layouts;

/// <summary>
/// Whether the machine of a log had a page of zeros that loads of untouched anonymous memory share. It is a fact of the
/// machine that no line of a log tells; the counts of faults and of resident pages, and which areas merge, do.
/// </summary>
/// <remarks>Linux: mm_forbids_zeropage(), v6.18: so for guests of s390, and for kernels booted with
/// pvm_no_zero_page.</remarks>
public static class ZeroPageGuess
{
    /// <summary>
    /// True unless fewer answers differ on a machine without such a page. A log whose answers are all the usual
    /// machine's is replayed once.
    /// </summary>
    /// <param name="compare">Replays the log on a machine with a zero page (true) or without.</param>
    public static bool Make(Func<bool, CheckReport> compare)
    {
        long usual = compare(true).Mismatched;
        return usual == 0 || compare(false).Mismatched >= usual;
    }
}
