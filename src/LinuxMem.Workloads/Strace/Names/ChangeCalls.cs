using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Calls;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Names;

/// <summary>Calls that make names or take them away.</summary>
internal static class ChangeCalls
{
    private const ulong TypeBits = 0xf000, Fifo = 0x1000;
    private const ulong RemoveDirectory = 0x200;

    internal static void Mkdir(NameArguments at, NamePlace? place, CallPlan plan)
    {
        if (place is not { } here)
        {
            plan.Skip(NameArguments.Untold);
            return;
        }

        SyscallRequest request = at.Request(SyscallNr.Mkdir, here.Raw);
        int mode = at.Call.Nr == (int)SyscallNr.Mkdir ? 1 : 2;
        request.A1 = at.Call[mode].Number;
        at.Change(plan, request, here.IsThere || (here.IsAbsent && at.KnowsParent(here)));
        if (at.Call.Result.IsSuccess)
            at.Names.Set(here.Path, Made(at, ExternalKind.Directory) with { IsWhole = true });
        else
            LearnRefusal(at, here);
    }

    internal static void Mknod(NameArguments at, NamePlace? place, StraceValue mode, CallPlan plan)
    {
        if (place is not { } here || !mode.IsNumber)
        {
            plan.Skip(NameArguments.Untold);
            return;
        }

        SyscallRequest request = at.Request(SyscallNr.Mknod, here.Raw);
        request.A1 = mode.Number;
        at.Change(plan, request, here.IsThere || (here.IsAbsent && at.KnowsParent(here)));
        if (at.Call.Result.IsSuccess)
            at.Names.Set(here.Path, Made(at, LookCalls.KindOf(KnownType(mode.Number))));
        else
            LearnRefusal(at, here);
    }

    // The machine opens pipes with names as streams.
    private static ulong KnownType(ulong mode) => (mode & TypeBits) is 0 ? 0x8000 : mode & TypeBits;

    internal static void Symlink(NameArguments at, NamePlace? place, CallPlan plan)
    {
        if (place is not { } here || at.Call[0].IsCut || at.Call[0].AsString() is not { } target)
        {
            if (at.Call.Result.IsSuccess && place is { } made)
                at.Names.Set(made.Path, new NameFact { Kind = ExternalKind.Symlink });
            plan.Skip(NameArguments.Untold);
            return;
        }

        SyscallRequest request = at.Request(SyscallNr.Symlink, target, here.Raw);
        at.Change(plan, request, here.IsThere || (here.IsAbsent && at.KnowsParent(here)));
        if (at.Call.Result.IsSuccess)
            at.Names.Set(here.Path, Made(at, ExternalKind.Symlink) with { Target = target, IsModeSure = true });
        else
            LearnRefusal(at, here);
    }

    internal static void Remove(NameArguments at, NamePlace? place, bool directory, ReplayState replay, CallPlan plan)
    {
        if (place is not { } here)
        {
            plan.Skip(NameArguments.Untold);
            return;
        }

        // Whether a directory from outside is empty, nobody has told.
        bool known = here.IsAbsent || (here.IsThere && here.Fact!.OwnKind is not null
            && (!directory || here.Fact.OwnKind != ExternalKind.Directory || here.Fact.IsWhole));
        SyscallRequest request = at.Request(SyscallNr.Unlinkat, here.Raw);
        request.A0 = unchecked((ulong)-100L); // AT_FDCWD
        request.A1 = 0;
        request.A2 = directory ? RemoveDirectory : 0;
        at.Change(plan, request, known);
        if (at.Call.Result.IsSuccess)
        {
            at.Names.Set(here.Path, NameFact.Absent);
            replay.KnownPaths.Remove(here.Path);
            if (directory)
                replay.Renamed(here.Path, here.Path + " (deleted)");
        }
        else
        {
            LookCalls.Learn(at, here, null, null);
        }
    }

    /// <summary>What is known of something that the call has made.</summary>
    internal static NameFact Made(NameArguments at, ExternalKind kind) =>
        new() { Kind = kind, IsMade = true, IsModeSure = at.Task.Fs.KnowsUmask };

    internal static void LearnRefusal(NameArguments at, in NamePlace here)
    {
        if (at.Call.Result.Error == "EEXIST")
            at.Names.SetThere(here.Path, null);
    }
}
