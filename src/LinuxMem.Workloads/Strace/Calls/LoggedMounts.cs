using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>What a log mounts, as far as the pages of files depend on it.</summary>
internal sealed class LoggedMounts
{
    private readonly HashSet<string> ofHugePages = new(StringComparer.Ordinal);

    /// <summary>Takes in a mount that succeeded. Paths count as they are written and as whole ones.</summary>
    internal void Note(StraceEvent mount, LoggedTask task)
    {
        if (mount[2].AsString() != "hugetlbfs" || mount[1].AsString() is not { } place)
            return;
        ofHugePages.Add(Plain(place));
        ofHugePages.Add(Plain(PathCalls.Absolute(task, place)));
    }

    /// <summary>Whether a file lies on a hugetlbfs that the log mounts.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="written">The path as the call has it.</param>
    internal bool IsOfHugePages(string path, string? written)
    {
        foreach (string mount in ofHugePages)
        {
            if (LiesIn(Plain(path), mount) || (written is not null && LiesIn(Plain(written), mount)))
                return true;
        }

        return false;
    }

    private static bool LiesIn(string path, string mount) =>
        path.Length > mount.Length && path[mount.Length] == '/' && path.StartsWith(mount, StringComparison.Ordinal);

    private static string Plain(string path)
    {
        while (path.Contains("//", StringComparison.Ordinal))
            path = path.Replace("//", "/", StringComparison.Ordinal);
        return path.TrimEnd('/');
    }
}
