using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Calls;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Names;

/// <summary>A logged call with the names that it is about.</summary>
internal sealed class NameArguments(StraceEvent call, LoggedTask task, ReplayState replay)
{
    private readonly LoggedNames names = replay.Names;

    /// <summary>What a directory's path ends with that was taken away.</summary>
    internal const string Gone = " (deleted)";

    private const int WorkingDirectory = -100;

    internal StraceEvent Call => call;

    internal LoggedTask Task => task;

    internal LoggedNames Names => names;

    /// <summary>
    /// Whether an answer can be foreseen at all: nobody else changed files beside the call, and the task is not refused
    /// for whom it runs as.
    /// </summary>
    internal bool CanBeForeseen => IsAlone && task.IsRoot && call.Result.Error is not ("EFAULT"
        or "EINTR" or "EIO" or "ENOSPC" or "EDQUOT" or "EROFS" or "ENXIO" or "EXDEV" or "EMLINK" or "ENOMEM"
        or "EOPNOTSUPP" or "ETXTBSY");

    /// <summary>Whether no other task was in a call that changes files or names while this one ran.</summary>
    internal bool IsAlone => call.Line == call.EndLine || !replay.ChangesFilesBeside(call);

    /// <summary>Where a path of the call leads; null if the log does not show it, or not where it begins.</summary>
    /// <param name="index">The path's argument.</param>
    /// <param name="directory">The argument with the descriptor where it begins; -1 for the working directory.</param>
    /// <param name="follow">Whether a link at its end is followed.</param>
    /// <param name="ofName">Whether the name itself is meant, to be made, moved or taken away: then a slash behind it
    /// does not have a link followed.</param>
    internal NamePlace? Place(int index, int directory, bool follow = true, bool ofName = false)
    {
        if (Absolute(index, directory) is not { } path || !LoggedNames.IsKept(path))
            return null;
        NamePlace found = names.Find(path, follow || (!ofName && path.EndsWith('/')));
        // The machine finds a directory that is gone by no path.
        return path.Contains(Gone, StringComparison.Ordinal) ? found : found with { Raw = path };
    }

    /// <summary>A path of the call from the root on, as it is written; null as for <see cref="Place"/>.</summary>
    internal string? Absolute(int index, int directory)
    {
        if (call[index].Kind != StraceValueKind.Text || call[index].IsCut || call[index].AsString() is not { } path
            || path.Length == 0)
            return null;
        if (path.StartsWith('/'))
            return path;
        string? from = directory < 0 ? task.Directory : DirectoryOf(call[directory]);
        return from is null || !from.StartsWith('/') ? null : from.TrimEnd('/') + "/" + path;
    }

    private string? DirectoryOf(StraceValue descriptor)
    {
        if (descriptor.Label is { } shown && shown.StartsWith('/'))
            return shown;
        if ((int)descriptor.Number == WorkingDirectory)
            return task.Directory;
        return task.Files.TryFind((int)descriptor.Number, out Descriptor file) ? file.Path : null;
    }

    /// <summary>Whether names may be made and taken in the directory that a place is in.</summary>
    internal bool KnowsParent(in NamePlace place) =>
        names.Find(LoggedNames.ParentOf(place.Path), follow: true).Fact
            is { IsThere: true, Kind: ExternalKind.Directory };

    /// <summary>Whether the machine knows all of the file under a name.</summary>
    internal bool Knows(string path) => replay.KnownPaths.Contains(path) && !IsGuessed(path);

    /// <summary>Whether a file may have been there before the log made it.</summary>
    internal bool IsGuessed(string path) => replay.GuessedPaths.Contains(path);

    /// <summary>Whether the log has mapped a file.</summary>
    internal bool IsMapped(string path) => replay.MappedPaths.Contains(path);

    /// <summary>Whether a path is on a file system that may have modes, links and values of its own.</summary>
    internal bool IsOnOther(string path) => replay.Mounts.IsOfOthers(path);

    /// <summary>A request of the call with its paths as places.</summary>
    internal SyscallRequest Request(
        SyscallNr nr, string path, string? path2 = null, IReadOnlyList<ulong>? words = null)
    {
        SyscallRequest request = SystemCalls.Numbers(call);
        request.Nr = nr;
        request.Operands = new SyscallOperands
        {
            Path = path,
            Path2 = path2,
            Words = words,
            BuffersUnknown = true,
            WantsCopied = nr is SyscallNr.Stat or SyscallNr.Lstat or SyscallNr.Statx,
        };
        return request;
    }

    /// <summary>Lets the machine know first of what the log has told since the last time.</summary>
    internal void Tell(CallPlan plan)
    {
        foreach ((string path, NameFact fact) in names.TakeUntold())
            plan.First.Add(Telling(path, fact));
    }

    /// <summary>The request that lets the machine know of something.</summary>
    internal static SyscallRequest Telling(string path, NameFact fact) => new()
    {
        Nr = TracerCalls.TellName,
        Operands = new SyscallOperands
        {
            Path = path,
            External = fact.IsThere ? Described(fact) : null,
            BuffersUnknown = true,
        },
    };

    private static ExternalFile Described(NameFact fact) =>
        new(fact.Target is null ? fact.Kind ?? ExternalKind.Unknown : ExternalKind.Symlink)
        {
            Permissions = fact.Permissions,
            Target = fact.Target,
        };

    /// <summary>The answer is compared if it can be foreseen; else the call is not made.</summary>
    internal void Judge(CallPlan plan, in SyscallRequest request, bool isKnown)
    {
        if (isKnown && CanBeForeseen)
            plan.Make(request);
        else
            plan.Skip(Untold);
        if (plan.Action == CallAction.Make)
            Tell(plan);
    }

    /// <summary>The same for a call that changes names: it is made in any case where it succeeded.</summary>
    internal void Change(CallPlan plan, in SyscallRequest request, bool isKnown)
    {
        if (isKnown && CanBeForeseen)
            plan.Make(request);
        else if (call.Result.IsSuccess)
            plan.MakeUnjudged(request, Untold);
        else
            plan.Skip(Untold);
        if (plan.Action == CallAction.Make)
            Tell(plan);
    }

    /// <summary>Why an answer about a name is not compared.</summary>
    internal const string Untold = "a name of which the log has not told yet";
}
