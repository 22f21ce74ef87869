using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Calls;

namespace LinuxMem.Workloads.Strace.Names;

/// <summary>rename and link with their kin: two names at once.</summary>
internal static class MoveCalls
{
    private const ulong NoReplace = 1, Exchange = 2;

    internal static void Rename(NameArguments at, NamePlace? from, NamePlace? to, ulong flags, ReplayState replay,
        CallPlan plan)
    {
        if (from is not { } old || to is not { } target || flags > Exchange)
        {
            plan.Skip(NameArguments.Untold);
            return;
        }

        bool replaces = target.IsThere && target.Fact!.OwnKind is { } kind
            && (kind != ExternalKind.Directory || target.Fact.IsWhole);
        bool known = old.IsAbsent
            || (old.IsThere && old.Fact!.OwnKind is not null && (target.IsAbsent || replaces)
                && at.KnowsParent(target));
        SyscallRequest request = at.Request(SyscallNr.Renameat2, old.Raw, target.Raw);
        request.A0 = request.A2 = unchecked((ulong)-100L); // AT_FDCWD
        request.A1 = request.A3 = 0;
        request.A4 = flags;
        if (at.Call.Result.IsSuccess && !old.IsThere)
            plan.First.Add(NameArguments.Telling(old.Path, new NameFact()));
        at.Change(plan, request, known);
        if (at.Call.Result.IsSuccess)
            Moved(at, old, target, flags, replay);
        else if (at.Call.Result.Error == "EEXIST" && flags == NoReplace)
            at.Names.SetThere(target.Path, null);
    }

    private static void Moved(NameArguments at, in NamePlace old, in NamePlace target, ulong flags, ReplayState replay)
    {
        if (flags == Exchange)
        {
            at.Names.Swap(old.Path, target.Path);
            replay.Renamed(old.Path, "/\0aside");
            replay.Renamed(target.Path, old.Path);
            replay.Renamed("/\0aside", target.Path);
            return;
        }

        if (old.Path == target.Path)
            return;
        at.Names.Move(old.Path, target.Path);
        replay.MadeAs(old.Path, target.Path, isCopy: false);
        if (old.Fact?.Kind is null or ExternalKind.Directory)
        {
            replay.Renamed(target.Path, target.Path + " (deleted)");
            replay.Renamed(old.Path, target.Path);
        }
    }

    internal static void Link(NameArguments at, NamePlace? from, NamePlace? to, ulong flags, ReplayState replay,
        CallPlan plan)
    {
        if (from is not { } old || to is not { } target)
        {
            // What a descriptor stands for gets a name.
            if (to is { } named && at.Call.Result.IsSuccess)
                at.Names.SetThere(named.Path, ExternalKind.Regular);
            plan.Skip(NameArguments.Untold);
            return;
        }

        if (at.Call.Result.IsSuccess && !old.IsThere)
            plan.First.Add(NameArguments.Telling(old.Path, new NameFact()));
        bool known = old.IsAbsent || (old.IsThere && old.Fact!.OwnKind is not null
            && (target.IsThere || (target.IsAbsent && at.KnowsParent(target))));
        SyscallRequest request = at.Request(SyscallNr.Linkat, old.Raw, target.Raw);
        request.A0 = request.A2 = unchecked((ulong)-100L); // AT_FDCWD
        request.A1 = request.A3 = 0;
        request.A4 = flags & ~0x1000UL;
        at.Change(plan, request, known);
        if (at.Call.Result.IsSuccess)
        {
            at.Names.Set(target.Path, (old.IsThere ? old.Fact! : new NameFact()) with { IsWhole = false });
            replay.MadeAs(old.Path, target.Path, isCopy: true);
        }
        else
        {
            ChangeCalls.LearnRefusal(at, target);
        }
    }
}
