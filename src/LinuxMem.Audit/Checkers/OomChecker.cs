using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I42: who was killed for want of memory is who has the most points, of equals the one of the highest number;
/// nobody else was still dying; who was in swapoff went
/// first; and there was no page of a file that could have been taken instead.
/// </summary>
/// <remarks>Linux: mm/oom_kill.c: oom_badness, oom_evaluate_task, v6.18.</remarks>
internal sealed class OomChecker : IChecker
{
    private const int NeverKilled = -1000;

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I42"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        ReadOnlySpan<OomCandidateRecord> all = index.Snapshot.OomCandidates.Items;
        for (int start = 0; start < all.Length;)
        {
            int end = start + 1;
            while (end < all.Length && all[end].Kill == all[start].Kill)
                end++;
            CheckKill(all[start..end], sink);
            start = end;
        }
    }

    private static void CheckKill(ReadOnlySpan<OomCandidateRecord> candidates, ViolationSink sink)
    {
        int expected = -1;
        int killed = 0;
        int victim = 0;
        long most = long.MinValue;
        foreach (OomCandidateRecord one in candidates)
        {
            if (one.IsDying)
                sink.Report("I42", $"process {one.Pid} was dying when kill {one.Kill} chose another");
            killed += one.IsVictim ? 1 : 0;
            victim = one.IsVictim ? one.Pid : victim;
            long points = one.Pages + (one.ScoreAdj * (one.TotalPages / 1000));
            if (one.IsOrigin)
            {
                expected = one.Pid;
                most = long.MaxValue;
                continue;
            }

            if (one.ScoreAdj == NeverKilled || one.IsInVfork || points < most
                || (points == most && one.Pid < expected))
                continue;
            most = points;
            expected = one.Pid;
        }

        if (killed != 1 || victim != expected)
            sink.Report("I42", $"kill {candidates[0].Kill} took process {victim} ({killed} chosen), not {expected}");
        if (candidates[0].IdleFilePages > 0)
        {
            sink.Report("I42", $"kill {candidates[0].Kill} came while pages of files could have been "
                + $"taken: {candidates[0].IdleFilePages}");
        }
    }
}
