using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Calls;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Names;

/// <summary>Calls that look at a file under a name, or change who may do what with it.</summary>
internal static class LookCalls
{
    private const ulong TypeBits = 0xf000, EmptyPath = 0x1000, NoFollow = 0x100;

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

        at.Judge(plan, at.Request(follow ? SyscallNr.Stat : SyscallNr.Lstat, here.Raw), here.Fact is not null);
        int status = nr == SyscallNr.Statx ? 4 : nr == SyscallNr.Newfstatat ? 2 : 1;
        StraceValue? mode = call[status].Member("st_mode") ?? call[status].Member("stx_mode");
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

        int status = (SyscallNr)call.Nr switch { SyscallNr.Statx => 4, SyscallNr.Newfstatat => 2, _ => 1 };
        StraceValue? mode = call[status].Member("st_mode") ?? call[status].Member("stx_mode");
        if (mode is { IsNumber: true } && file.Path.StartsWith('/'))
            at.Names.SetThere(file.Path, KindOf(mode.Number), (uint)(mode.Number & 0xfff));
        if (call.Result.Error == "EFAULT")
        {
            plan.Skip("the buffer is not known");
            return;
        }

        plan.Make(new SyscallRequest
        {
            Nr = SyscallNr.Fstat,
            A0 = call[0].Number,
            Operands = new SyscallOperands { BuffersUnknown = true },
        });
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
            if (!at.Task.Files.TryFind((int)call[0].Number, out _))
                DescriptorCalls.Unknown(call, plan);
            else if (at.CanBeForeseen)
                plan.Make(SystemCalls.Numbers(call));
            else
                plan.Skip(NameArguments.Untold);
            return;
        }

        bool isAt = nr is SyscallNr.Fchmodat or SyscallNr.Fchownat;
        bool follow = nr != SyscallNr.Lchown && (nr != SyscallNr.Fchownat || (call[4].Number & NoFollow) == 0);
        if (at.Place(isAt ? 1 : 0, isAt ? 0 : -1, follow) is not { } here)
        {
            plan.Skip(NameArguments.Untold);
            return;
        }

        bool isMode = nr is SyscallNr.Chmod or SyscallNr.Fchmodat;
        int first = isAt ? 2 : 1;
        SyscallRequest request = at.Request(isMode ? SyscallNr.Chmod : follow ? SyscallNr.Chown : SyscallNr.Lchown,
            here.Raw);
        request.A1 = call[first].Number;
        request.A2 = isMode ? 0 : call[first + 1].Number;
        at.Change(plan, request, here.Fact is not null);
        Learn(at, here, null, isMode ? (uint)call[first].Number & 0xfff : null);
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
