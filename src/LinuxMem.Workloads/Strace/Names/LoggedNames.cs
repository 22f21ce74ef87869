using LinuxMem.Abi;

namespace LinuxMem.Workloads.Strace.Names;

/// <summary>
/// What a log has told of the names in file systems: an answer about a name of which nothing was known tells of it, and
/// the next one can be foreseen.
/// </summary>
/// <remarks>Names that come and go by themselves, in /proc, /sys and /dev, are not kept.</remarks>
internal sealed class LoggedNames
{
    private const int LinksMax = 40;
    private readonly SortedDictionary<string, NameFact> facts = new(StringComparer.Ordinal);
    private readonly SortedSet<string> untold = new(StringComparer.Ordinal);

    /// <summary>Whether a name is one of those that are kept.</summary>
    internal static bool IsKept(string path) => path.StartsWith('/')
        && !IsIn(path, "/proc") && !IsIn(path, "/sys") && (!IsIn(path, "/dev") || IsIn(path, "/dev/shm"));

    /// <summary>Follows a path from the root on.</summary>
    internal NamePlace Find(string path, bool follow)
    {
        var rest = new Stack<string>();
        Push(rest, path);
        string at = "/";
        int links = 0;
        bool isDoubtful = false;
        NameFact? fact = facts.GetValueOrDefault(at);
        while (rest.TryPop(out string? name))
        {
            if (name == ".")
                continue;
            if (name == "..")
            {
                // Nobody has told whether what a link leads through and out of again is there.
                isDoubtful |= links > 0 && fact is null;
                at = ParentOf(at);
                fact = facts.GetValueOrDefault(at);
                continue;
            }

            bool isWhole = fact is { IsWhole: true };
            string next = at == "/" ? "/" + name : at + "/" + name;
            fact = facts.GetValueOrDefault(next) ?? (isWhole ? NameFact.Absent : null);
            if (fact is { IsThere: true, Target: { } target } && (rest.Count > 0 || follow) && links++ < LinksMax)
            {
                Push(rest, target);
                at = target.StartsWith('/') ? "/" : at;
                fact = facts.GetValueOrDefault(at);
                continue;
            }

            at = next;
            bool leadsOn = rest.Count > 0 || follow;
            if (leadsOn && fact is { IsThere: true, OwnKind: ExternalKind.Symlink })
                return new NamePlace(rest.Count > 0 ? at + "/" + string.Join('/', rest) : at, null, follow);
            if (rest.Count > 0 && fact is { IsThere: false })
                return new NamePlace(at + "/" + string.Join('/', rest), NameFact.Absent, follow);
            // What goes on behind something that is no directory is the kernel's to say.
            if (rest.Count > 0 && fact is { IsThere: true, Kind: not (null or ExternalKind.Directory) })
                return new NamePlace(at + "/" + string.Join('/', rest), NameFact.Absent, follow);
        }

        return new NamePlace(at, isDoubtful || (fact is { MayDangle: true } && !follow) ? null : fact, follow);
    }

    /// <summary>Takes a fact in, in place of what was known.</summary>
    internal void Set(string path, NameFact fact)
    {
        if (!IsKept(path))
            return;
        if (!fact.IsThere || fact.IsWhole)
            Forget(path);
        facts[path] = fact;
        untold.Add(path);
        // What lies somewhere has directories above it.
        for (string above = ParentOf(path); fact.IsThere && above != "/"; above = ParentOf(above))
        {
            if (facts.GetValueOrDefault(above) is not { IsThere: false })
                break;
            facts[above] = new NameFact { Kind = ExternalKind.Directory, IsFollowed = true };
            untold.Add(above);
        }
    }

    /// <summary>Something is there; what was known of it stays.</summary>
    internal void SetThere(string path, ExternalKind? kind, uint? permissions = null, bool isFollowed = false)
    {
        NameFact known = facts.GetValueOrDefault(path) is { IsThere: true } fact ? fact : new NameFact();
        bool isOther = kind is not null && known.Kind is not null && known.Kind != kind;
        if (isOther)
            known = new NameFact();
        NameFact now = known with
        {
            Kind = kind ?? known.Kind,
            Permissions = permissions ?? known.Permissions,
            IsFollowed = kind is null ? known.IsFollowed : isFollowed && (known.Kind is null || known.IsFollowed),
        };
        if (now != facts.GetValueOrDefault(path))
            Set(path, now);
    }

    /// <summary>Something has another mode; <paramref name="isSure"/>: for the machine too.</summary>
    internal void Chmod(string path, uint permissions, bool isSure)
    {
        if (facts.GetValueOrDefault(path) is { IsThere: true } known)
            Set(path, known with { Permissions = permissions, IsModeSure = isSure });
    }

    /// <summary>Something new has been made under a name; what it is has been told.</summary>
    internal void SetMade(string path, bool isModeSure)
    {
        if (facts.GetValueOrDefault(path) is { IsThere: true } known)
            facts[path] = known with { IsMade = true, IsModeSure = isModeSure };
    }

    /// <summary>Takes out what was learned since the last time and still holds.</summary>
    internal List<(string Path, NameFact Fact)> TakeUntold()
    {
        var learned = new List<(string, NameFact)>();
        foreach (string path in untold)
        {
            if (facts.GetValueOrDefault(path) is { MayDangle: false } fact)
                learned.Add((path, fact));
        }

        untold.Clear();
        return learned;
    }

    /// <summary>What has one name has another from now on, with all that lies below.</summary>
    internal void Move(string from, string to)
    {
        NameFact moved = facts.GetValueOrDefault(from) ?? new NameFact();
        var below = facts.Where(f => IsIn(f.Key, from) && f.Key != from).ToList();
        Forget(to);
        foreach ((string name, NameFact fact) in below)
        {
            facts.Remove(name);
            facts[to + name[from.Length..]] = fact;
        }

        facts[from] = NameFact.Absent;
        facts[to] = moved with { IsThere = true };
    }

    /// <summary>Two names have changed places.</summary>
    internal void Swap(string one, string two)
    {
        const string aside = "/\0aside";
        Move(one, aside);
        Move(two, one);
        Move(aside, two);
        facts.Remove(aside);
    }

    /// <summary>Something else is mounted at a path, or no more: nothing is known of the names below.</summary>
    internal void Cover(string path)
    {
        if (!IsKept(path))
            return;
        Forget(path);
        facts[path] = new NameFact { Kind = ExternalKind.Directory };
    }

    /// <summary>The directory that a name is in.</summary>
    internal static string ParentOf(string path)
    {
        int slash = path.LastIndexOf('/');
        return slash <= 0 ? "/" : path[..slash];
    }

    /// <summary>A path after something on the way has another name.</summary>
    internal static string Moved(string path, string from, string to) =>
        IsIn(path, from) ? to + path[from.Length..] : path;

    // Whatever lies below a name.
    private void Forget(string path)
    {
        foreach (string name in facts.Keys.Where(name => name != path && IsIn(name, path)).ToList())
            facts.Remove(name);
    }

    private static bool IsIn(string path, string directory) => path.StartsWith(directory, StringComparison.Ordinal)
        && (path.Length == directory.Length || directory == "/" || path[directory.Length] == '/');

    private static void Push(Stack<string> rest, string path)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (int i = parts.Length - 1; i >= 0; i--)
            rest.Push(parts[i]);
    }
}
