using LinuxMem.Abi;

namespace LinuxMem.Workloads.Mmfuzz;

/// <content>A step of the walk: one random call, or the few that belong together.</content>
public sealed partial class MmfuzzTask
{
    private const ulong MisalignedOffset = 5;
    private const int DepthMax = 2;
    private const ulong ForkFlags = 0x1200011; // CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD

    // MADV_DONTNEED twice, WILLNEED, RANDOM, SEQUENTIAL, DONTFORK, DOFORK, REMOVE, POPULATE_READ, POPULATE_WRITE,
    // WIPEONFORK, KEEPONFORK.
    private static readonly ulong[] Advices = [4, 4, 3, 1, 2, 10, 11, 9, 22, 23, 18, 19];

    private IEnumerable<MmfuzzCall> Step()
    {
        Touch(MmfuzzImage.StepCode, AccessKind.Execute);
        Touch(Local, AccessKind.Write);
        Touch(MmfuzzImage.Variables, AccessKind.Write);
        uint choice;
        do
            choice = Choose();
        while (!IsOn(choice));
        Touch(MmfuzzImage.LibcCode, AccessKind.Execute);
        return choice switch
        {
            0 or 1 => MapStep(),
            2 => [UnmapCall()],
            3 => [ProtectCall()],
            <= 6 => [StoreCall()],
            <= 8 => LoadStep(),
            9 => MremapStep(),
            10 => BrkStep(),
            11 => [AdviseCall()],
            12 => LockStep(),
            13 => FileStep(),
            14 => ForkStep(),
            _ => LookStep(),
        };
    }

    private uint Choose()
    {
        uint choice = random.Below(16);
        if (choice < MmfuzzImage.JumpTableCases)
            Touch(MmfuzzImage.JumpTable + (4 * choice), AccessKind.Read);
        if (choice is 0 or 1 or >= 9)
            Touch(MmfuzzImage.StrchrCode, AccessKind.Execute);
        return choice;
    }

    // A choice that the mode leaves out draws again; fork draws its chance only where it may.
    private bool IsOn(uint choice) => choice switch
    {
        9 => mode.Mremaps,
        10 => mode.Brks,
        11 or 12 => mode.Advises,
        13 => mode.Files,
        14 => mode.Forks && depth < DepthMax && random.Chance(25),
        _ => true,
    };

    private IEnumerable<MmfuzzCall> MapStep()
    {
        bool anonymous = !mode.Files || random.Chance(50);
        bool shared = random.Chance(35);
        MapFlags flags = (shared ? MapFlags.Shared : MapFlags.Private) |
            (anonymous ? MapFlags.Anonymous : MapFlags.None);
        uint kind = random.Below(10);
        ulong address = kind < 3 ? 0 : Pick();
        if (kind >= 6)
            flags |= MapFlags.Fixed;
        else if (kind == 5)
            flags |= MapFlags.FixedNoReplace;
        if (random.Chance(8))
            flags |= MapFlags.Populate;
        if (random.Chance(5))
            flags |= MapFlags.NoReserve;
        ulong length = Length();
        ulong offset = random.Chance(4) ? MisalignedOffset : Page * random.Below(12);
        ulong fd = anonymous ? ulong.MaxValue : FirstFileFd + random.Below(2);
        ProtFlags prot = Prot();
        fifthRegister = (uint)fd;
        if (offset == MisalignedOffset)
            yield break; // the C library refuses it by itself
        yield return call.Set(SyscallNr.Mmap, address, length, (ulong)prot, (ulong)flags, fd, offset);
        Remember(length);
    }

    private MmfuzzCall UnmapCall()
    {
        ulong length = Length();
        return call.Set(SyscallNr.Munmap, Pick(), length);
    }

    private MmfuzzCall ProtectCall()
    {
        ProtFlags prot = Prot();
        ulong length = Length();
        return call.Set(SyscallNr.Mprotect, Pick(), length, (ulong)prot);
    }

    private MmfuzzCall StoreCall()
    {
        ulong address = Pick();
        uint offset = random.Below(4000);
        uint count = 1 + random.Below(24);
        fifthRegister = MmfuzzImage.StoreReciprocal;
        return call.Set(SyscallNr.Pread64, DataFd, address + random.Below(InPageRange), count, offset);
    }

    private IEnumerable<MmfuzzCall> LoadStep()
    {
        ulong address = Pick();
        uint count = 1 + random.Below(24);
        yield return call.Set(SyscallNr.Write, PipeWriter, address + random.Below(InPageRange), count);
        if (result <= 0)
            yield break;
        yield return call.Set(SyscallNr.Read, PipeReader, Local, 64);
        FillFromAnswer(result);
    }

    private IEnumerable<MmfuzzCall> MremapStep()
    {
        uint kind = random.Below(8);
        ulong length = Length();
        if (kind > 6)
        {
            length = Page * (1 + random.Below(4));
            ulong address = Pick();
            const MremapFlags flags = MremapFlags.MayMove | MremapFlags.DontUnmap;
            call.Set(SyscallNr.Mremap, address, length, length, (ulong)flags, fifthRegister ?? 0);
            yield return fifthRegister is null || isOtherCode ? call.WithUnknown(4) : call;
        }
        else
        {
            MremapFlags flags = kind == 4 ? MremapFlags.None : MremapFlags.MayMove;
            ulong target = 0;
            if (kind > 4)
            {
                flags |= MremapFlags.Fixed;
                target = Pick();
            }

            ulong oldLength = Length();
            fifthRegister = target;
            yield return call.Set(SyscallNr.Mremap, Pick(), oldLength, length, (ulong)flags, target);
        }

        Remember(length);
    }

    private IEnumerable<MmfuzzCall> BrkStep()
    {
        yield return call.Set(SyscallNr.Brk, 0);
        ulong now = (ulong)result;
        bool grows = random.Chance(60);
        ulong bytes = random.Chance(80) ? Page * random.Below(6) : random.Below(9000);
        yield return call.Set(SyscallNr.Brk, grows ? now + bytes : now - bytes);
        yield return call.Set(SyscallNr.Brk, 0);
        now = (ulong)result;
        fifthRegister = locals[depth].Word; // syscall(2) shifts its arguments, the seventh from the stack
        grown[random.Below((uint)grown.Length)] = (now - 1) & ~(Page - 1);
    }

    private MmfuzzCall AdviseCall()
    {
        ulong advice = Advices[random.Below((uint)Advices.Length)];
        ulong length = Length();
        return call.Set(SyscallNr.Madvise, Pick(), length, advice);
    }

    private IEnumerable<MmfuzzCall> LockStep()
    {
        uint kind = random.Below(5);
        ulong flags = kind != 0 ? 0 : random.Chance(50) ? 4 : random.Chance(70) ? 1 : 5UL;
        ulong length = Length();
        ulong address = Pick();
        yield return kind switch
        {
            0 => call.Set(SyscallNr.Msync, address, length, flags),
            1 => call.Set(SyscallNr.Mlock, address, length),
            2 => call.Set(SyscallNr.Munlock, address, length),
            _ => call.Set(SyscallNr.Mincore, address, length, Local),
        };
        if (kind < 3)
            yield break;
        int pages = (int)((length + Page - 1) / Page);
        if (result == 0)
            FillFromAnswer(pages);
        else
            locals[depth].Forget(pages); // it may have answered for the pages before a hole
    }

    private IEnumerable<MmfuzzCall> FileStep()
    {
        ulong fd = FirstFileFd + random.Below(2);
        uint kind = random.Below(4);
        if (kind == 0)
        {
            ulong size = random.Chance(70) ? Page * random.Below(14) : random.Below(50000);
            yield return call.Set(SyscallNr.Ftruncate, fd, size);
        }
        else if (kind == 1)
        {
            Fill(64, (byte)('A' + random.Below(26)));
            uint offset = random.Below(45000);
            yield return call.Set(SyscallNr.Pwrite64, fd, Local, 1 + random.Below(60), offset);
        }
        else
        {
            uint offset = random.Below(50000);
            yield return call.Set(SyscallNr.Pread64, fd, Local, 1 + random.Below(60), offset);
            FillFromAnswer(result);
        }
    }

    private IEnumerable<MmfuzzCall> ForkStep()
    {
        Touch(Local - 0x108, AccessKind.Write);
        fifthRegister = 0;
        child = new MmfuzzTask(this);
        yield return call.Set(SyscallNr.Clone, ForkFlags, 0, 0, Placed(MmfuzzImage.ChildTid), 0);
        Touch(MmfuzzImage.Rseq, AccessKind.Write);
        Touch(Local - 0x108, AccessKind.Write);
        if (result <= 0)
            yield break;
        yield return call.Set(SyscallNr.Wait4, (ulong)result, Local, 0, 0);
        FillStatus();
    }

    private IEnumerable<MmfuzzCall> LookStep()
    {
        if (mode.Procs && random.Chance(12))
            return ReadProc(MmfuzzImage.MapsPath);
        if (mode.Procs && random.Chance(12))
            return ReadProc(MmfuzzImage.RollupPath);
        return [Usage()];
    }
}
