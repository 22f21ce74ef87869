using LinuxMem.Abi;

namespace LinuxMem.Workloads.Mmfuzz;

/// <content>The course of the first process and of a forked one; reads of /proc; getrusage.</content>
public sealed partial class MmfuzzTask
{
    private const int DataFd = 3;
    private const int FirstFileFd = 4;
    private const int PipeReader = 6;
    private const int PipeWriter = 7;
    private const ulong AtFdCwd = unchecked((ulong)-100);
    private const ulong OpenFlags = 0x242; // O_RDWR|O_CREAT|O_TRUNC
    private const ulong ProcBufferBytes = 8192;
    private const int FilePages = 8;

    private IEnumerable<MmfuzzCall> Main(uint steps)
    {
        foreach ((SyscallNr nr, MmfuzzTouch[] touches) in MmfuzzImage.Startup)
        {
            foreach (MmfuzzTouch touch in touches)
                Touch(touch.Address, touch.Kind);
            yield return Starting(nr);
        }

        Touch(MmfuzzImage.MainCode, AccessKind.Execute);
        foreach (MmfuzzCall made in MakeFiles())
            yield return made;
        yield return call.Set(SyscallNr.Pipe2, Placed(MmfuzzImage.PipeFds), 0);
        foreach (MmfuzzCall made in ReadProc(MmfuzzImage.MapsPath))
            yield return made;
        for (int i = 0; i < 6; i++)
            yield return FillArena(i);
        yield return Usage();
        depth++;
        for (; steps > 0; steps--)
        {
            foreach (MmfuzzCall made in Step())
                yield return made;
        }

        depth--;
        yield return Usage();
        foreach (MmfuzzCall made in ReadProc(MmfuzzImage.MapsPath))
            yield return made;
        foreach (MmfuzzCall made in ReadProc(MmfuzzImage.RollupPath))
            yield return made;
        yield return call.Set(SyscallNr.ExitGroup, 0);
    }

    // The arguments of the calls before main are the C library's affair: a log shows all but these.
    private MmfuzzCall Starting(SyscallNr nr) => nr switch
    {
        SyscallNr.Readlink => call.Set(nr, Placed(0x490218), frames.MainBlock + 0x20, Page),
        SyscallNr.Getrandom => call.Set(nr, Placed(0x4ae2d0), 8, 1),
        SyscallNr.Prlimit64 => call.Set(nr, 0, 3, 0, frames.MainBlock + 0x10b0),
        _ => call.Set(nr, 0, 0, 0, 0, 0, 0).WithUnknown(0).WithUnknown(1).WithUnknown(2).WithUnknown(3).WithUnknown(4)
            .WithUnknown(5),
    };

    private IEnumerable<MmfuzzCall> MakeFiles()
    {
        yield return call.Set(SyscallNr.Openat, AtFdCwd, Placed(MmfuzzImage.DataPath), OpenFlags, 0x180);
        yield return call.Set(SyscallNr.Pwrite64, DataFd, frames.MainBlock, Page, 0);
        for (ulong file = 0; file < 2; file++)
        {
            ulong path = Placed(MmfuzzImage.FilePath) + (3 * file);
            yield return call.Set(SyscallNr.Openat, AtFdCwd, path, OpenFlags, 0x180);
            for (ulong page = 0; page < FilePages; page++)
                yield return call.Set(SyscallNr.Pwrite64, FirstFileFd + file, frames.MainBlock, Page, page * Page);
        }
    }

    // Most of the arena, so that the walk starts among mappings, not among holes.
    private MmfuzzCall FillArena(int index)
    {
        bool shared = index % 2 == 1;
        bool file = mode.Files && index >= 3;
        MapFlags flags = (shared ? MapFlags.Shared : MapFlags.Private) | MapFlags.Fixed |
            (file ? MapFlags.None : MapFlags.Anonymous);
        ulong fd = file ? (ulong)(FirstFileFd + (index % 2)) : ulong.MaxValue;
        ulong offset = file ? Page * (ulong)(index - 3) : 0;
        fifthRegister = (uint)fd;
        return call.Set(SyscallNr.Mmap, Arena + (Page * 10 * (ulong)index), Page * (ulong)(8 + (index % 3)),
            (ulong)(ProtFlags.Read | ProtFlags.Write), (ulong)flags, fd, offset);
    }

    private IEnumerable<MmfuzzCall> Child()
    {
        Touch(MmfuzzImage.ChildTid, AccessKind.Write);
        Touch(MmfuzzImage.LibcCode, AccessKind.Execute);
        yield return call.Set(SyscallNr.SetRobustList, Placed(MmfuzzImage.RobustList), 24);
        foreach (ulong address in MmfuzzImage.ForkedWrites.ToArray())
            Touch(address, AccessKind.Write);
        Touch(Local - 0x108, AccessKind.Write);
        Touch(MmfuzzImage.StepCode, AccessKind.Execute);
        Touch(MmfuzzImage.Variables, AccessKind.Write);
        depth++;
        fifthRegister = 0;
        for (uint steps = 4 + random.Below(12); steps > 0; steps--)
        {
            foreach (MmfuzzCall made in Step())
                yield return made;
        }

        depth--;
        yield return Usage();
        depth++;
        yield return call.Set(SyscallNr.ExitGroup, random.Below(4));
    }

    private MmfuzzCall Usage()
    {
        Touch(frames.UsageAt(depth) - 8, AccessKind.Write);
        Touch(MmfuzzImage.LibcCode, AccessKind.Execute);
        return call.Set(SyscallNr.Getrusage, 0, frames.UsageAt(depth));
    }

    private IEnumerable<MmfuzzCall> ReadProc(ulong path)
    {
        ulong buffer = frames.Proc(depth);
        Touch(buffer - 8, AccessKind.Write);
        yield return call.Set(SyscallNr.Openat, AtFdCwd, Placed(path), 0, 0);
        if (result < 0)
            yield break;
        ulong fd = (ulong)result;
        do
            yield return call.Set(SyscallNr.Read, fd, buffer, ProcBufferBytes);
        while (result > 0);
        yield return call.Set(SyscallNr.Close, fd);
    }
}
