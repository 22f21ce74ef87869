namespace LinuxMem.Workloads.Lackey;

/// <summary>What became of the lines of all logs of a replay: Accesses + Calls + Notes + Rejected = Lines.</summary>
/// <param name="Lines">Lines read.</param>
/// <param name="Accesses">Access lines.</param>
/// <param name="Calls">Lines that begin a system call.</param>
/// <param name="Notes">Valgrind's own words, blank lines, continuations of calls.</param>
/// <param name="Rejected">Lines that no log has.</param>
/// <param name="CallsReplayed">Calls that were made to the simulated kernel.</param>
/// <param name="CallsRefused">Those that it refused although the logged kernel did not.</param>
/// <param name="RejectedMessages">The first 20 rejected lines in the order of the logs, `path:line:column:
/// reason`.</param>
/// <param name="Warnings">The first 20 other things that should be known, in the order of the logs.</param>
public sealed record LackeyTotals(
    long Lines,
    long Accesses,
    long Calls,
    long Notes,
    long Rejected,
    long CallsReplayed,
    long CallsRefused,
    IReadOnlyList<string> RejectedMessages,
    IReadOnlyList<string> Warnings)
{
    internal static LackeyTotals Of(IReadOnlyList<LackeyLog> logs)
    {
        long accesses = 0, calls = 0, notes = 0, rejected = 0, replayed = 0, refused = 0;
        List<string> messages = [];
        List<string> warnings = [];
        foreach (var log in logs)
        {
            var counts = log.Counts;
            accesses += counts.Accesses;
            calls += counts.Calls;
            notes += counts.Notes;
            rejected += counts.Rejected;
            replayed += counts.CallsReplayed;
            refused += counts.CallsRefused;
            AddFirst(messages, counts.RejectedMessages);
            AddFirst(warnings, counts.Warnings);
        }

        long lines = accesses + calls + notes + rejected;
        return new LackeyTotals(lines, accesses, calls, notes, rejected, replayed, refused, messages, warnings);
    }

    private static void AddFirst(List<string> all, IReadOnlyList<string> some)
    {
        for (int i = 0; i < some.Count && all.Count < LackeyCounts.MessagesMax; i++)
            all.Add(some[i]);
    }
}
