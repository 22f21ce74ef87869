using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Calls;
using LinuxMem.Workloads.Strace.Checking;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Names;

/// <summary>Calls that look at a file under a name, or change who may do what with it.</summary>
internal static class LookCalls
{
    private const ulong TypeBits = 0xf000, EmptyPath = 0x1000, NoFollow = 0x100;
    private const ulong AtWorkingDirectory = unchecked((ulong)-100L);

    internal static void Access(NameArguments at, NamePlace? place, StraceValue mode, CallPlan plan)
    {
        if (place is not { } here || !mode.IsNumber)
        {
            plan.Skip(NameArguments.Untold);
            return;
        }

        bool known = here.IsAbsent || (here.IsThere && ((mode.Number & 1) == 0 || here.Fact!.Permissions is not null));
        SyscallRequest request = at.Request(SyscallNr.Access, here.Raw);
        request.A1 = mode.Number;
        at.Judge(plan, request, known);
        Learn(at, here, null, null);
    }

    internal static void Stat(NameArguments at, CallPlan plan)
    {
        StraceEvent call = at.Call;
        var nr = (SyscallNr)call.Nr;
        bool isAt = nr is SyscallNr.Newfstatat or SyscallNr.Statx;
        StraceValue flags = nr == SyscallNr.Newfstatat ? call[3] : nr == SyscallNr.Statx ? call[2] : StraceValue.None;
        bool isEmpty = isAt && call[1] is { Kind: StraceValueKind.Text, Bytes.Length: 0 };
        if (nr == SyscallNr.Fstat || (isEmpty && (flags.Number & EmptyPath) != 0))
        {
            OfDescriptor(at, plan);
            return;
        }

        bool follow = nr != SyscallNr.Lstat && (flags.Number & NoFollow) == 0;
        if (isEmpty || at.Place(isAt ? 1 : 0, isAt ? 0 : -1, follow) is not { } here)
        {
            plan.Skip(NameArguments.Untold);
            return;
        }

        SyscallNr plain = follow ? SyscallNr.Stat : SyscallNr.Lstat;
        SyscallRequest request = at.Request(call.Result.IsSuccess ? StructureOf(nr, plain) : plain, here.Raw);
        if (request.Nr == SyscallNr.Statx)
            (request.A0, request.A2) = (unchecked((ulong)-100L), follow ? 0 : NoFollow); // AT_FDCWD
        at.Judge(plan, request, here.Fact is not null);
        if (plan.Action == CallAction.Make && call.Result.IsSuccess && here.Fact is { } known
            && (follow || known.OwnKind is not null) && !at.IsOnOther(here.Path))
            plan.Status = known.Foreseen | (at.Knows(here.Path) ? StatusParts.Size : 0);
        StraceValue? mode = ModeShownBy(call);
        if (mode is { IsNumber: true })
            Learn(at, here, KindOf(mode.Number), (uint)(mode.Number & 0xfff));
        else
            Learn(at, here, null, null);
    }

    // A descriptor that is open has a status.
    private static void OfDescriptor(NameArguments at, CallPlan plan)
    {
        StraceEvent call = at.Call;
        if (!at.Task.Files.TryFind((int)call[0].Number, out Descriptor file))
        {
            DescriptorCalls.Unknown(call, plan);
            return;
        }

        StraceValue? mode = ModeShownBy(call);
        NameFact? known = at.Names.Find(file.Path, follow: false).Fact;
        if (mode is { IsNumber: true } && file.Path.StartsWith('/') && known is not { IsThere: false })
            at.Names.SetThere(file.Path, KindOf(mode.Number), (uint)(mode.Number & 0xfff));
        if (call.Result.Error == "EFAULT")
        {
            plan.Skip("the buffer is not known");
            return;
        }

        var nr = StructureOf((SyscallNr)call.Nr, SyscallNr.Fstat);
        plan.Make(new SyscallRequest
        {
            Nr = nr,
            A0 = call[0].Number,
            A2 = nr == SyscallNr.Statx ? EmptyPath : 0,
            Operands = new SyscallOperands { BuffersUnknown = true, WantsCopied = true },
        });
        bool isRegular = mode is { IsNumber: true } && KindOf(mode.Number) == ExternalKind.Regular;
        if (!call.Result.IsSuccess || call.Line != call.EndLine || FileFacts.IsTunable(file.Path) || !isRegular
            || at.IsOnOther(file.Path))
            return;
        if (file.Kind == DescriptorKind.Known || file.IsSized)
            plan.Status = StatusParts.Type | (at.IsGuessed(file.Path) ? 0 : StatusParts.Size);
        if (file.Kind == DescriptorKind.Known && file.IsMade)
            plan.Status |= StatusParts.Links
                | (IsOfShmem(file.Path) && !at.IsMapped(file.Path) ? StatusParts.Blocks : 0);
        if (file.Kind == DescriptorKind.Known && known is { IsThere: true })
            plan.Status |= known.Foreseen & StatusParts.Permissions;
    }

    // A disk has blocks with the map of a file's blocks too, and how many depends on where they lie.
    private static bool IsOfShmem(string path) => path.StartsWith("/memfd:", StringComparison.Ordinal)
        || path.StartsWith("/dev/shm/", StringComparison.Ordinal);

    // What strace shows of a status is compared in the structure that it was asked for.
    private static SyscallNr StructureOf(SyscallNr nr, SyscallNr plain) => nr == SyscallNr.Statx ? nr : plain;

    private static StraceValue? ModeShownBy(StraceEvent call)
    {
        StraceValue status = StatusFact.ShownBy(call);
        return status.Member("st_mode") ?? status.Member("stx_mode");
    }

    internal static void Readlink(NameArguments at, NamePlace? place, StraceValue target, StraceValue size,
        CallPlan plan)
    {
        if (place is not { } here || !size.IsNumber)
        {
            plan.Skip(NameArguments.Untold);
            return;
        }

        SyscallRequest request = at.Request(SyscallNr.Readlink, here.Raw);
        request.A2 = size.Number;
        at.Judge(plan, request, here.IsAbsent || here.Fact is { TellsOfLink: true });
        StraceResult result = at.Call.Result;
        if (result.Error == "EINVAL" && (int)size.Number > 0)
            at.Names.Set(here.Path, (here.IsThere ? here.Fact! : new NameFact()) with { IsNoLink = true });
        else if (result.IsSuccess && (ulong)result.Value < size.Number && !target.IsCut
            && target.AsString() is { } leadsTo)
            at.Names.Set(here.Path, new NameFact { Kind = ExternalKind.Symlink, Target = leadsTo });
        else
            Learn(at, here, null, null);
    }

    internal static void Attributes(NameArguments at, CallPlan plan)
    {
        StraceEvent call = at.Call;
        var nr = (SyscallNr)call.Nr;
        if (nr is SyscallNr.Fchmod or SyscallNr.Fchown)
        {
            if (!at.Task.Files.TryFind((int)call[0].Number, out Descriptor file))
                DescriptorCalls.Unknown(call, plan);
            else
                at.Change(plan, SystemCalls.Numbers(call), isKnown: true);
            if (nr == SyscallNr.Fchmod && call.Result.IsSuccess)
                at.Names.Chmod(file.Path, (uint)call[1].Number & 0xfff, plan.Action == CallAction.Make);
            return;
        }

        bool isAt = nr is SyscallNr.Fchmodat or SyscallNr.Fchmodat2 or SyscallNr.Fchownat;
        ulong flags = nr == SyscallNr.Fchownat ? call[4].Number : nr == SyscallNr.Fchmodat2 ? call[3].Number : 0;
        bool follow = nr != SyscallNr.Lchown && (flags & NoFollow) == 0;
        if (at.Place(isAt ? 1 : 0, isAt ? 0 : -1, follow) is not { } here)
        {
            plan.Skip(NameArguments.Untold);
            return;
        }

        bool isMode = nr is SyscallNr.Chmod or SyscallNr.Fchmodat or SyscallNr.Fchmodat2;
        int first = isAt ? 2 : 1;
        SyscallRequest request = at.Request(isMode ? SyscallNr.Chmod : follow ? SyscallNr.Chown : SyscallNr.Lchown,
            here.Raw);
        request.A1 = call[first].Number;
        request.A2 = isMode ? 0 : call[first + 1].Number;
        if (nr == SyscallNr.Fchownat)
        {
            request = at.Request(nr, here.Raw);
            (request.A0, request.A1, request.A4) = (AtWorkingDirectory, 0, flags & ~EmptyPath);
        }

        at.Change(plan, request, here.Fact is not null);
        Learn(at, here, null, null);
        if (isMode && call.Result.IsSuccess)
            at.Names.Chmod(here.Path, (uint)call[first].Number & 0xfff, plan.Action == CallAction.Make);
    }

    /// <summary>Takes in what an answer tells of a name.</summary>
    internal static void Learn(NameArguments at, in NamePlace here, ExternalKind? kind, uint? permissions)
    {
        if (at.Call.Result.IsSuccess)
            at.Names.SetThere(here.Path, kind, permissions, here.IsFollowed);
        else if (at.Call.Result.Error == "ENOENT" && !here.IsThere)
            at.Names.Set(here.Path, here.IsFollowed ? NameFact.Dangling : NameFact.Absent);
    }

    internal static ExternalKind KindOf(ulong mode) => (mode & TypeBits) switch
    {
        0x8000 => ExternalKind.Regular,
        0x4000 => ExternalKind.Directory,
        0xa000 => ExternalKind.Symlink,
        _ => ExternalKind.Stream,
    };
}
