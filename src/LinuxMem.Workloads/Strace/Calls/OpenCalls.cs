using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Checking;
using LinuxMem.Workloads.Strace.Names;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>open, openat, creat.</summary>
internal static class OpenCalls
{
    private const ulong Create = 0x40;
    private const ulong Exclusive = 0x80;
    private const ulong Truncate = 0x200;
    private const ulong Directory = 0x10000;
    private const ulong NoFollow = 0x20000;
    private const ulong ClosesOnExec = 0x80000;
    private const ulong TemporaryFile = 0x400000;

    // What leaves nothing of a file that was there before.
    private const ulong Fresh = Exclusive | Truncate | TemporaryFile;

    /// <summary>Whether it is one of these.</summary>
    internal static bool Is(SyscallNr nr) =>
        nr is SyscallNr.Open or SyscallNr.Openat or SyscallNr.Openat2 or SyscallNr.Creat;

    /// <summary>Plans one of these.</summary>
    internal static void Plan(StraceEvent call, LoggedTask task, ReplayState replay, CallPlan plan)
    {
        int first = call.Nr is (int)SyscallNr.Openat or (int)SyscallNr.Openat2 ? 1 : 0;
        if (call.Nr == (int)SyscallNr.Openat2 && !IsPlain(call))
        {
            DescriptorCalls.TryPlanStandIn(call, task, plan);
            return;
        }

        ulong flags = FlagsOf(call, first);
        if (LoggedLink.DescriptorAt(call[first].AsString(), task) is { } linked
            && task.Files.TryFind(linked, out Descriptor original) && original.Kind != DescriptorKind.StandIn)
        {
            Reopen(call, task, original, flags, plan);
            return;
        }

        bool follows = (flags & NoFollow) == 0 && (flags & (Create | Exclusive)) != (Create | Exclusive);
        var at = new NameArguments(call, task, replay);
        NamePlace? place = at.Place(first, first - 1, follows);
        if (!call.Result.IsSuccess)
        {
            PlanRefused(at, place, flags, plan);
            return;
        }

        int fd = (int)call.Result.Value;
        string path = place?.Path ?? PathOf(call, first, task);
        bool kernels = IsComparedText(path, replay);
        bool tunable = FileFacts.IsTunable(path);
        ExternalFile? file = FileFacts.Of(path, fd, flags | Told(call[first]), task.Script, task.Script.Next);
        bool huge = replay.Mounts.IsOfHugePages(path, call[first].AsString());
        bool made = IsMade(flags, file, place) && place?.Fact?.Kind is null or ExternalKind.Regular;
        if (place?.Fact is { Kind: ExternalKind.Stream, IsThere: true } && file.Kind == ExternalKind.Regular)
            file = new ExternalFile(ExternalKind.Stream);
        if (kernels || made || tunable)
            file = huge ? new ExternalFile(ExternalKind.Regular) { OnHugetlbfs = true } : null;
        // What is described to the machine is there by then.
        ulong asked = huge && made ? flags & ~Exclusive : flags;
        // Who ran beside may have taken the name away; what the machine knows may be of what is mounted elsewhere.
        if (call.Line != call.EndLine || replay.Mounts.IsBelowOne(path))
            asked &= ~Exclusive;
        // What nobody has told of may be a directory.
        bool isAnything = file is { Kind: ExternalKind.Regular, SizeBytes: FileFacts.UnknownBytes };
        SyscallRequest request = FileFacts.Open(fd, path,
            isAnything ? file! with { Kind = place?.Fact?.Kind ?? ExternalKind.Unknown } : file, asked);
        request.A3 = ModeOf(call, first);
        plan.Make(request, CallJudgement.Outcome);
        at.Tell(plan);
        bool known = made || kernels || tunable || replay.KnownPaths.Contains(path);
        bool foreseen = known || (place is { IsThere: true, Fact.Kind: not null } && at.CanBeForeseen);
        if (made)
            replay.Made(path, isGuess: (flags & Fresh) == 0 && place is not { IsAbsent: true });
        DescriptorKind kind = known ? DescriptorKind.Known
            : file!.Kind is ExternalKind.Regular or ExternalKind.Directory or ExternalKind.DevZero
            ? DescriptorKind.Outside : DescriptorKind.StandIn;
        bool isNew = IsNew(flags, made, place);
        task.Files.Add(fd, new Descriptor(kind, path, (flags & ClosesOnExec) != 0,
            kernels ? new ProcText() : null, replay.IsSized(path, kind, file))
        {
            IsMade = isNew || place?.Fact is { IsMade: true },
        });
        NoteName(at, path, flags, made || file?.Kind == ExternalKind.Regular && (flags & Create) != 0,
            follows && place is not { IsAbsent: true }, isNew);
        if (!foreseen)
        {
            plan.Judgement = CallJudgement.None;
            plan.Reason = "a path from outside";
        }
    }

    // What lies under the name now.
    private static void NoteName(
        NameArguments at, string path, ulong flags, bool isRegular, bool isFollowed, bool isNew)
    {
        if ((flags & TemporaryFile) != TemporaryFile)
            at.Names.SetThere(path, (flags & Directory) != 0 ? ExternalKind.Directory
                : isRegular ? ExternalKind.Regular : null, isFollowed: isFollowed);
        if (isNew)
            at.Names.SetMade(path, at.Task.Fs.KnowsUmask);
    }

    // The machine knows all names of such a file.
    private static bool IsNew(ulong flags, bool made, NamePlace? place) => (flags & TemporaryFile) == TemporaryFile
        || (made && (flags & Create) != 0 && ((flags & Exclusive) != 0 || place is { IsAbsent: true }));

    // openat2 without rules for the way there; what it refuses of its structure is its own.
    private static bool IsPlain(StraceEvent call) => call.Result.IsSuccess
        && call[2].Member("flags") is { IsNumber: true } && call[2].Member("resolve") is null or { Number: 0 };

    // What ends like this is a directory, if it is anything.
    private static ulong Told(StraceValue name)
    {
        string last = "/" + name.AsString();
        bool isDirectory = last.EndsWith('/') || last.EndsWith("/.", StringComparison.Ordinal)
            || last.EndsWith("/..", StringComparison.Ordinal);
        return isDirectory ? Directory : 0;
    }

    private static ulong FlagsOf(StraceEvent call, int first) => (SyscallNr)call.Nr switch
    {
        SyscallNr.Creat => Create | Truncate | 1,
        SyscallNr.Openat2 => call[2].Member("flags")!.Number,
        _ => call[first + 1].Number,
    };

    // "/proc/self/fd/3": the file behind the descriptor is opened once more.
    private static void Reopen(StraceEvent call, LoggedTask task, in Descriptor original, ulong flags, CallPlan plan)
    {
        int? fd = call.Result.IsSuccess ? (int)call.Result.Value : null;
        plan.Make(new SyscallRequest
        {
            Nr = SyscallNr.Open,
            A1 = flags,
            A2 = ModeOf(call, call.Nr == (int)SyscallNr.Openat ? 1 : 0),
            Operands = new SyscallOperands
            {
                Path = LoggedLink.OwnPath(call, task),
                WantedId = fd,
                BuffersUnknown = true,
            },
        }, CallJudgement.Outcome);
        FileCalls.JudgeAs(original, plan);
        if (fd is { } made)
            task.Files.Add(made, original with { ClosesOnExec = (flags & ClosesOnExec) != 0, Text = null });
    }

    // An error is foreseen where the log has told of the name.
    private static void PlanRefused(NameArguments at, NamePlace? place, ulong flags, CallPlan plan)
    {
        string? error = at.Call.Result.Error;
        if (place is not { } here || (flags & TemporaryFile) == TemporaryFile)
        {
            plan.Skip("a path that is not opened");
            return;
        }

        bool creates = (flags & Create) != 0;
        bool known = here.IsThere ? here.Fact!.Kind is not null && error is not ("EACCES" or "ETXTBSY")
            : here.IsAbsent && (!creates || error == "ENOENT" && at.KnowsParent(here));
        SyscallRequest request = at.Request(SyscallNr.Open, here.Raw);
        request.A1 = flags;
        at.Judge(plan, request, known);
        if (error == "EEXIST")
            at.Names.SetThere(here.Path, null);
        else
            LookCalls.Learn(at, here, null, null);
    }

    // "/proc/self/maps", or of a process that the log shows.
    private static bool IsComparedText(string path, ReplayState replay)
    {
        if (replay.Options.Check != CheckLevel.All || !FileFacts.IsOfKernel(path))
            return false;
        string who = path.Split('/')[2];
        return !int.TryParse(who, System.Globalization.NumberStyles.None,
            System.Globalization.CultureInfo.InvariantCulture, out int pid) || replay.Scripts.Knows(pid);
    }

    private static ulong ModeOf(StraceEvent call, int first)
    {
        StraceValue mode = (SyscallNr)call.Nr switch
        {
            SyscallNr.Creat => call[1],
            SyscallNr.Openat2 => call[2].Member("mode") ?? StraceValue.None,
            _ => call[first + 2],
        };
        const ulong usual = 0x1b6; // rw-rw-rw-
        return mode.IsNumber ? mode.Number : usual;
    }

    // Whether the file is new, or emptied, with this call: then the machine knows all of it.
    private static bool IsMade(ulong flags, ExternalFile file, NamePlace? place)
    {
        bool wasThere = place is { IsThere: true } && (flags & (Exclusive | Truncate)) == 0;
        if (file.Kind != ExternalKind.Regular || (wasThere && file.SizeBytes != 0))
            return false;
        if ((flags & TemporaryFile) == TemporaryFile || (flags & Truncate) != 0)
            return true;
        if ((flags & Create) == 0)
            return false;
        return (flags & Exclusive) != 0 || file.SizeBytes is 0 or FileFacts.UnknownBytes;
    }

    private static string PathOf(StraceEvent call, int first, LoggedTask task)
    {
        if (call.Result.Path is { } shown && shown.StartsWith('/'))
            return shown;
        string path = call[first].AsString() ?? "";
        if (first == 1 && call[0].Label is { } directory && !path.StartsWith('/'))
            return directory + "/" + path;
        if (first == 1 && task.Files.TryFind((int)call[0].Number, out Descriptor open) && !path.StartsWith('/'))
            return open.Path + "/" + path;
        return PathCalls.Absolute(task, path);
    }
}
