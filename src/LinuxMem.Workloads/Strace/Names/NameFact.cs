using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Checking;

namespace LinuxMem.Workloads.Strace.Names;

/// <summary>What a log has told of a name so far.</summary>
internal sealed record NameFact
{
    /// <summary>Whether there is something.</summary>
    internal bool IsThere { get; init; } = true;

    /// <summary>What it is; null where the log has not told.</summary>
    internal ExternalKind? Kind { get; init; }

    /// <summary>Its mode without the type; null where the log has not told.</summary>
    internal uint? Permissions { get; init; }

    /// <summary>Whether it is a directory that was made in the log, so that all its names are known.</summary>
    internal bool IsWhole { get; init; }

    /// <summary>Whether it was made in the log, so that the machine knows all of its names.</summary>
    internal bool IsMade { get; init; }

    /// <summary>Of what was made in the log, whether the machine has the log's mode: it knew the umask.</summary>
    internal bool IsModeSure { get; init; }

    /// <summary>What can be foreseen of its status, but for its length.</summary>
    internal StatusParts Foreseen => (OwnKind is null && Kind is null ? 0 : StatusParts.Type)
        | ((IsMade ? IsModeSure : Permissions is not null) ? StatusParts.Permissions : 0)
        | (IsMade ? StatusParts.Links : 0);

    /// <summary>Where a link leads; null where the log has not told.</summary>
    internal string? Target { get; init; }

    /// <summary>Whether what it is was learned by following it: it may be a link that leads to that.</summary>
    internal bool IsFollowed { get; init; }

    /// <summary>What is there under the name itself; null where the log has not told.</summary>
    internal ExternalKind? OwnKind => IsFollowed && !IsNoLink ? null : Kind;

    /// <summary>Whether it is no link, whatever else it may be.</summary>
    internal bool IsNoLink { get; init; }

    /// <summary>Whether it is known to be a link, with its target, or to be none.</summary>
    internal bool TellsOfLink => Target is not null || IsNoLink || OwnKind is not (null or ExternalKind.Symlink);

    /// <summary>Whether there may be a link that leads to nothing.</summary>
    internal bool MayDangle { get; init; }

    /// <summary>That there is nothing.</summary>
    internal static NameFact Absent { get; } = new() { IsThere = false };

    /// <summary>That a path that is followed leads to nothing.</summary>
    internal static NameFact Dangling { get; } = new() { IsThere = false, MayDangle = true };
}

/// <summary>Where a path leads, as far as the log has told.</summary>
/// <param name="Path">The name there, without links that are known, "." and "..".</param>
/// <param name="Fact">What is known of it; null for nothing.</param>
/// <param name="IsFollowed">Whether a link at the end was to be followed.</param>
internal readonly record struct NamePlace(string Path, NameFact? Fact, bool IsFollowed)
{
    /// <summary>The path as it is written, from the root on.</summary>
    internal string Raw { get; init; } = Path;

    internal bool IsThere => Fact is { IsThere: true };

    internal bool IsAbsent => Fact is { IsThere: false };
}
