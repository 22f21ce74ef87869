using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Calls;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Names;

/// <summary>umask, getcwd, chdir, fchdir, getdents64: what a task knows of its place, and of what lies there.</summary>
internal static class PlaceCalls
{
    internal static void Plan(NameArguments at, CallPlan plan)
    {
        switch ((SyscallNr)at.Call.Nr)
        {
            case SyscallNr.Umask:
                Umask(at, plan);
                break;
            case SyscallNr.Getcwd:
                Getcwd(at, plan);
                break;
            case SyscallNr.Chdir:
                Chdir(at, plan);
                break;
            case SyscallNr.Fchdir:
                Fchdir(at, plan);
                break;
            default:
                Getdents(at, plan);
                break;
        }
    }

    // What it was at first is a fact of the machine, which the first answer tells.
    private static void Umask(NameArguments at, CallPlan plan)
    {
        SyscallRequest request = SystemCalls.Numbers(at.Call);
        if (at.Task.Fs.KnowsUmask)
            plan.Make(request);
        else
            plan.MakeUnjudged(request, "a fact of the machine, which the first answer tells");
        at.Task.Fs.KnowsUmask = true;
    }

    private static void Getcwd(NameArguments at, CallPlan plan)
    {
        LoggedPlace fs = at.Task.Fs;
        if (!at.Call.Result.IsSuccess || at.Call[0].IsCut || at.Call[0].AsString() is not { } path
            || !path.StartsWith('/'))
        {
            plan.Skip(NameArguments.Untold);
            return;
        }

        if (fs.IsCertain)
        {
            plan.Make(new SyscallRequest
            {
                Nr = SyscallNr.Getcwd,
                A1 = at.Call[1].Number,
                Operands = new SyscallOperands { BuffersUnknown = true },
            });
            return;
        }

        fs.Directory = path;
        fs.IsCertain = true;
        at.Names.SetThere(path, ExternalKind.Directory);
        plan.MakeUnjudged(at.Request(SyscallNr.Chdir, path), "a fact of the machine, which the first answer tells");
        at.Tell(plan);
    }

    private static void Chdir(NameArguments at, CallPlan plan)
    {
        if (at.Place(0, -1) is not { } here)
        {
            if (at.Call.Result.IsSuccess && at.Absolute(0, -1) is { } elsewhere)
                (at.Task.Fs.Directory, at.Task.Fs.IsCertain) = (elsewhere, false);
            plan.Skip(NameArguments.Untold);
            return;
        }

        bool known = here.IsAbsent || (here.IsThere && here.Fact!.Kind is not null);
        if (!known && at.Call.Result.IsSuccess)
            at.Names.SetThere(here.Path, ExternalKind.Directory, isFollowed: true);
        bool wasRelative = at.Call[0].AsString() is { } text && !text.StartsWith('/');
        at.Change(plan, at.Request(SyscallNr.Chdir, here.Raw), known);
        if (!at.Call.Result.IsSuccess)
        {
            LookCalls.Learn(at, here, null, null);
            return;
        }

        at.Names.SetThere(here.Path, ExternalKind.Directory, isFollowed: true);
        // Whether a name on the way is a link, only a directory that was made in the log tells.
        at.Task.Fs.IsCertain = here.Fact is { IsWhole: true } && (!wasRelative || at.Task.Fs.IsCertain);
        at.Task.Fs.Directory = here.Path;
    }

    private static void Fchdir(NameArguments at, CallPlan plan)
    {
        StraceEvent call = at.Call;
        if (!at.Task.Files.TryFind((int)call[0].Number, out Descriptor file))
        {
            DescriptorCalls.Unknown(call, plan);
            return;
        }

        if (call.Result.IsSuccess && file.Path.StartsWith('/'))
            (at.Task.Fs.Directory, at.Task.Fs.IsCertain) = (file.Path, false);
        plan.Make(SystemCalls.Numbers(call));
        FileCalls.JudgeAs(file, plan);
    }

    private static void Getdents(NameArguments at, CallPlan plan)
    {
        StraceEvent call = at.Call;
        if (!at.Task.Files.TryFind((int)call[0].Number, out Descriptor file))
        {
            DescriptorCalls.Unknown(call, plan);
            return;
        }

        bool known = LoggedNames.IsKept(file.Path)
            && at.Names.Find(file.Path, follow: true).Fact is { IsThere: true, IsWhole: true };
        if (!known || call.Result.Error == "EFAULT")
        {
            plan.Skip("a directory from outside");
            return;
        }

        // It is made in any case: the next one goes on behind it. A signal that waits ends a list after the entry at
        // hand, as if there were no more room.
        SyscallRequest request = SystemCalls.Numbers(call);
        if (at.Task.SignalFollows && call.Result is { IsSuccess: true, Value: > 0 })
            request.A2 = (ulong)call.Result.Value;
        plan.Make(request with { Operands = new SyscallOperands { BuffersUnknown = true } });
        if (!at.IsAlone)
            plan.MakeUnjudged(plan.Request, "names that others change beside the call");
    }
}
