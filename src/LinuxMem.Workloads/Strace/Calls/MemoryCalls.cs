using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>Calls whose arguments are numbers, in the order of their registers: those of mappings above all.</summary>
internal static class MemoryCalls
{
    /// <summary>Whether a call is one of these.</summary>
    internal static bool Is(SyscallNr nr) => nr is SyscallNr.Mmap or SyscallNr.Munmap or SyscallNr.Mprotect
        or SyscallNr.PkeyMprotect or SyscallNr.Brk or SyscallNr.Mremap or SyscallNr.Madvise or SyscallNr.Msync
        or SyscallNr.Mlock or SyscallNr.Mlock2 or SyscallNr.Munlock or SyscallNr.Mlockall or SyscallNr.Munlockall
        or SyscallNr.RemapFilePages or SyscallNr.Shmat or SyscallNr.Shmdt or SyscallNr.Mseal or SyscallNr.PkeyAlloc
        or SyscallNr.PkeyFree or SyscallNr.SetRobustList or SyscallNr.Rseq or SyscallNr.MapShadowStack;

    /// <summary>Whether a call changes mappings, so that its order among others of the address space matters.</summary>
    internal static bool ChangesMappings(SyscallNr nr) => nr is SyscallNr.Mmap or SyscallNr.Munmap
        or SyscallNr.Mprotect or SyscallNr.PkeyMprotect or SyscallNr.Brk or SyscallNr.Mremap or SyscallNr.Madvise
        or SyscallNr.RemapFilePages or SyscallNr.Shmat or SyscallNr.Shmdt or SyscallNr.Mlock or SyscallNr.Munlock
        or SyscallNr.Mlockall or SyscallNr.Munlockall or SyscallNr.Mseal;

    // Far from what programs map by themselves.
    private const ulong Elsewhere = 0x10_0000_0000;

    /// <summary>Plans one of these.</summary>
    internal static void Plan(StraceEvent call, LoggedTask task, CallPlan plan)
    {
        var nr = (SyscallNr)call.Nr;
        for (int i = 0; i < call.Arguments.Count && i < 6; i++)
        {
            if (!call[i].IsNumber)
            {
                plan.Skip("an argument that the log does not show as a number");
                return;
            }
        }

        var request = new SyscallRequest
        {
            Nr = nr,
            A0 = call[0].Number,
            A1 = call[1].Number,
            A2 = call[2].Number,
            A3 = call[3].Number,
            A4 = call[4].Number,
            A5 = call[5].Number,
        };
        // Where it is to go, strace shows with MREMAP_FIXED alone: what got so far was not the old place.
        if (nr == SyscallNr.Mremap && call.Arguments.Count < 5 && call.Result.Error == "EFAULT")
            request.A4 = Elsewhere;
        plan.Make(request);
        if (nr == SyscallNr.Mmap && (request.A3 & (ulong)MapFlags.Anonymous) == 0)
            PlanFile(call, task, plan);
        if (nr == SyscallNr.Madvise && request.A2 == (ulong)Advice.Collapse && call.Result.IsSuccess
            && task.Guide is null)
            TouchWhatCollapses(request, plan);
        if (!ChangesMappings(nr))
            return;
        bool isAddress = nr is SyscallNr.Mmap or SyscallNr.Mremap or SyscallNr.Shmat && call.Result.IsSuccess;
        plan.Near = isAddress ? (ulong)call.Result.Value : nr == SyscallNr.Shmat ? request.A1 : request.A0;
    }

    // What nobody has written to cannot be collapsed, so each part has been written to; no log shows where.
    private static void TouchWhatCollapses(in SyscallRequest request, CallPlan plan)
    {
        const ulong hugeBytes = 2UL << 20;
        const int touchesMax = 4096;
        ulong end = request.A0 + request.A1;
        ulong at = (request.A0 + hugeBytes - 1) & ~(hugeBytes - 1);
        for (int i = 0; i < touchesMax && at < end && end - at >= hugeBytes; i++, at += hugeBytes)
            plan.First.Add(new SyscallRequest { Nr = TracerCalls.Touch, A0 = at, A1 = (ulong)AccessKind.Write });
    }

    // What is mapped must be there: also what the log does not show being opened.
    private static void PlanFile(StraceEvent call, LoggedTask task, CallPlan plan)
    {
        int fd = (int)plan.Request.A4;
        if (task.Files.TryFind(fd, out Descriptor file))
        {
            if (file.Kind != DescriptorKind.StandIn || !call.Result.IsSuccess)
                return;
            plan.Judgement = CallJudgement.None;
            plan.Reason = "a mapping of a device: anonymous memory stands in for it";
            plan.Request.A0 = (ulong)call.Result.Value;
            plan.Request.A3 |= (ulong)(MapFlags.Anonymous | MapFlags.Fixed);
        }
        else if (call.Result.IsSuccess)
        {
            string path = call[4].Label ?? "/outside/" + fd;
            plan.First.Add(FileFacts.Open(fd, path, new ExternalFile(ExternalKind.Regular, FileFacts.UnknownBytes)));
            task.Files.Add(fd, new Descriptor(DescriptorKind.Outside, path, false));
        }
    }
}
