using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>What a log mounts, as far as files depend on it.</summary>
internal sealed class LoggedMounts
{
    private readonly SortedSet<string> ofHugePages = new(StringComparer.Ordinal);
    private readonly SortedSet<string> all = new(StringComparer.Ordinal);
    private readonly SortedSet<string> others = new(StringComparer.Ordinal);

    /// <summary>Takes in a mount that succeeded. Paths count as they are written and as whole ones.</summary>
    internal void Note(StraceEvent mount, LoggedTask task)
    {
        if (mount[1].AsString() is not { } place)
            return;
        string kind = mount[2].AsString() ?? "";
        all.Add(Plain(PathCalls.Absolute(task, place)));
        SortedSet<string>? places = kind == "hugetlbfs" ? ofHugePages
            : kind is "ext2" or "ext3" or "ext4" or "tmpfs" ? null : others;
        places?.Add(Plain(place));
        places?.Add(Plain(PathCalls.Absolute(task, place)));
    }

    /// <summary>
    /// Whether a path is below a mount of the log whose file system may have modes, links and holes of its own.
    /// </summary>
    internal bool IsOfOthers(string path)
    {
        foreach (string mount in others)
        {
            if (LiesIn(Plain(path), mount))
                return true;
        }

        return false;
    }

    /// <summary>Whether a path is below any mount of the log.</summary>
    internal bool IsBelowOne(string path)
    {
        foreach (string mount in all)
        {
            if (mount.Length > 0 && LiesIn(Plain(path), mount))
                return true;
        }

        return false;
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
