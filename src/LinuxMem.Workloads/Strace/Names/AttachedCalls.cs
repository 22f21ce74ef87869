using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Calls;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Names;

/// <summary>Calls on what is attached to files: times, named values, the file system that they lie on.</summary>
internal static class AttachedCalls
{
    private const ulong NoFollow = 0x100;
    private const string AccessList = "system.posix_acl_access";

    /// <summary>utimensat and its kin: what the log has told of the name decides.</summary>
    internal static void Times(NameArguments at, CallPlan plan)
    {
        StraceEvent call = at.Call;
        var nr = (SyscallNr)call.Nr;
        bool isAt = nr is SyscallNr.Utimensat or SyscallNr.Futimesat;
        int path = isAt ? 1 : 0;
        List<ulong>? words = null;
        if (call[path + 1].Kind is StraceValueKind.Array or StraceValueKind.Structure)
        {
            words = Moments(call[path + 1]);
            if (words.Count != (nr == SyscallNr.Utime ? 2 : 4))
            {
                plan.Skip(NameArguments.Untold);
                return;
            }
        }

        var operands = new SyscallOperands { Words = words, BuffersUnknown = true };
        bool ofDescriptor = isAt && call[1] is { IsNumber: true, Number: 0 };
        if (ofDescriptor)
        {
            if (!at.Task.Files.TryFind((int)call[0].Number, out _))
                DescriptorCalls.Unknown(call, plan);
            else
                plan.Make(SystemCalls.Numbers(call) with { A2 = 0, Operands = operands });
            return;
        }

        bool follow = nr != SyscallNr.Utimensat || (call[3].Number & NoFollow) == 0;
        if (at.Place(path, isAt ? 0 : -1, follow) is not { } here || (words is null && call[path + 1].Number != 0))
        {
            plan.Skip(NameArguments.Untold);
            return;
        }

        SyscallRequest request = at.Request(nr, here.Raw, words: words);
        (request.A0, request.A1, request.A2) = isAt ? (AtWorkingDirectory, 0UL, 0UL) : (0UL, 0UL, 0UL);
        at.Judge(plan, request, here.Fact is not null);
        LookCalls.Learn(at, here, null, null);
    }

    /// <summary>statfs, fstatfs.</summary>
    internal static void FileSystem(NameArguments at, CallPlan plan)
    {
        StraceEvent call = at.Call;
        if (call.Nr == (int)SyscallNr.Fstatfs)
        {
            if (!at.Task.Files.TryFind((int)call[0].Number, out _))
                DescriptorCalls.Unknown(call, plan);
            else
                plan.Make(SystemCalls.Numbers(call) with { Operands = Unless(call[1]) });
            return;
        }

        if (at.Place(0, -1) is not { } here)
        {
            plan.Skip(NameArguments.Untold);
            return;
        }

        at.Judge(plan, at.Request(SyscallNr.Statfs, here.Raw), here.Fact is not null);
        LookCalls.Learn(at, here, null, null);
    }

    /// <summary>setxattr, getxattr, listxattr, removexattr and their kin, on what the log has made.</summary>
    internal static void Attributes(NameArguments at, CallPlan plan)
    {
        StraceEvent call = at.Call;
        var nr = (SyscallNr)call.Nr;
        bool sets = nr is SyscallNr.Setxattr or SyscallNr.Lsetxattr or SyscallNr.Fsetxattr;
        bool lists = nr is SyscallNr.Listxattr or SyscallNr.Llistxattr or SyscallNr.Flistxattr;
        bool ofDescriptor = nr is SyscallNr.Fsetxattr or SyscallNr.Fgetxattr or SyscallNr.Flistxattr
            or SyscallNr.Fremovexattr;
        string? name = lists ? null : call[1].AsString();
        bool isHidden = (!lists && (name is null || call[1].IsCut)) || call.Result.Error == "EFAULT"
            || (sets && call[2].IsCut && name == AccessList);
        string? path = null;
        bool isKnown = false;
        if (ofDescriptor && at.Task.Files.TryFind((int)call[0].Number, out Descriptor file))
            (path, isKnown) = (file.Path, file is { Kind: DescriptorKind.Known, IsMade: true });
        else if (!ofDescriptor && at.Place(0, -1, nr is not (SyscallNr.Lsetxattr or SyscallNr.Lgetxattr
            or SyscallNr.Llistxattr or SyscallNr.Lremovexattr)) is { } here)
            (path, isKnown) = (here.Raw, here.IsAbsent || here.Fact is { IsMade: true });
        isKnown &= path is not null && !at.IsOnOther(path);
        if (isHidden || path is null)
        {
            plan.Skip(NameArguments.Untold);
            return;
        }

        SyscallRequest request = at.Request(nr, path);
        if (ofDescriptor)
            request.A0 = call[0].Number;
        request.Operands = new SyscallOperands
        {
            Path = ofDescriptor ? null : path,
            Path2 = name,
            BuffersUnknown = true,
            Outgoing = sets ? call[2].Bytes : default,
        };
        bool isRead = !sets && nr is not (SyscallNr.Removexattr or SyscallNr.Lremovexattr or SyscallNr.Fremovexattr);
        if (isRead)
            at.Judge(plan, request, isKnown);
        else
            at.Change(plan, request, isKnown);
        if (sets && name == AccessList && call.Result.IsSuccess && ModeOf(call[2].Bytes) is { } mode)
            at.Names.Chmod(path, mode, plan.Action == CallAction.Make);
    }

    private const ulong AtWorkingDirectory = unchecked((ulong)-100L);

    // The rights of owner, group and others.
    private static uint? ModeOf(byte[] list)
    {
        const int entries = 4, entryBytes = 8;
        if (list.Length != entries + (3 * entryBytes))
            return null;
        uint mode = 0;
        for (int at = entries; at < list.Length; at += entryBytes)
            mode = (mode << 3) | list[at + 2];
        return mode;
    }

    private static List<ulong> Moments(StraceValue shown)
    {
        var words = new List<ulong>();
        if (shown.Kind == StraceValueKind.Structure)
        {
            AddMembers(shown, words);
            return words;
        }

        foreach (StraceField moment in shown.Items)
        {
            if (moment.Value.IsNumber)
                words.AddRange([0, moment.Value.Number]);
            else
                AddMembers(moment.Value, words);
        }

        return words;
    }

    private static void AddMembers(StraceValue structure, List<ulong> words)
    {
        foreach (StraceField member in structure.Items)
        {
            if (member.Value.IsNumber)
                words.Add(member.Value.Number);
        }
    }

    private static SyscallOperands? Unless(StraceValue buffer) =>
        buffer.IsNumber ? null : new SyscallOperands { BuffersUnknown = true };
}
