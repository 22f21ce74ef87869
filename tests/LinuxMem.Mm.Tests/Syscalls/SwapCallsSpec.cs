using System.Globalization;
using LinuxMem.Abi;
using LinuxMem.Mm.Proc.Machine;
using LinuxMem.Mm.Signals;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Syscalls;

/// <summary>swapon and swapoff.</summary>
public sealed class SwapCallsSpec
{
    private const ulong At = KernelRig.Arena;
    private const int Pages = 1300;
    private const ulong Prefer = 0x8000;

    private static readonly SwapAreaSettings[] ThreeAreas =
    [
        new() { Path = "/dev/vdb1", Pages = 257, Priority = 5 },
        new() { Path = "/swap2", Pages = 1025, FirstSector = 8192 },
        new() { Path = "/swap3", Pages = 2049, FirstSector = 32768, OnAtBoot = false },
    ];

    [Fact]
    public void Errors_come_as_in_Linux()
    {
        using var rig = new KernelRig(swapAreas: ThreeAreas);
        TaskStruct task = rig.Start();
        Assert.Equal(Errno.EINVAL, On(rig, task, "/swap3", 0x8_0000));
        Assert.Equal(Errno.ENOENT, On(rig, task, "/nothing"));
        Assert.Equal(Errno.ENOENT, Off(rig, task, "/nothing"));
        rig.Kernel.FileSystem.Objects.CreateNamed(Vfs.InodeKind.Regular, "/data");
        rig.Kernel.FileSystem.Objects.CreateNamed(Vfs.InodeKind.Directory, "/home");
        Assert.Equal((Errno.EINVAL, Errno.EISDIR), (On(rig, task, "/data"), On(rig, task, "/home")));
        Assert.Equal((Errno.EINVAL, Errno.EISDIR), (Off(rig, task, "/data"), Off(rig, task, "/home")));
        Assert.Equal(Errno.EBUSY, On(rig, task, "/swap2"));
        Assert.Equal(Errno.EINVAL, Off(rig, task, "/swap3"));
        Assert.Equal(Errno.EFAULT, rig.Call(task, SyscallNr.Swapon, 16).Errno);
        rig.Call(task, SyscallNr.Setuid, 1000);
        Assert.Equal((Errno.EPERM, Errno.EPERM), (On(rig, task, "/swap3"), Off(rig, task, "/swap2")));
        // What the flags say is looked at first.
        Assert.Equal(Errno.EINVAL, On(rig, task, "/swap3", 0x10_0000));
    }

    [Fact]
    public void Areas_are_numbered_and_ranked_as_in_Linux()
    {
        using var rig = new KernelRig(swapAreas: ThreeAreas);
        TaskStruct task = rig.Start();
        Assert.Equal(["/dev/vdb1 5", "/swap2 -2"], Areas(rig));
        Assert.Equal(256 + 1024, rig.Memory.Swap.TotalSlots);
        Assert.Equal(Errno.None, On(rig, task, "/swap3", 0x7_0000));
        Assert.Equal(["/dev/vdb1 5", "/swap2 -2", "/swap3 -3"], Areas(rig));
        Assert.Equal((3328L, 3328L), (rig.Memory.Swap.TotalSlots, rig.Memory.Swap.FreeSlots));
        Assert.EndsWith("Adding 8192k swap on /swap3.  Priority:-3 extents:1 across:8192k SS",
            rig.Kernel.Log.Lines[^1].Text);
        // The others move up, and the number is given again.
        Assert.Equal(Errno.None, Off(rig, task, "/swap2"));
        Assert.Equal(["/dev/vdb1 5", "/swap3 -2"], Areas(rig));
        Assert.Equal(Errno.None, Off(rig, task, "/dev/vdb1"));
        Assert.Equal(Errno.None, On(rig, task, "/swap2", Prefer | 7));
        Assert.Equal(Errno.None, On(rig, task, "/dev/vdb1"));
        Assert.Equal(["/swap2 7", "/dev/vdb1 -3", "/swap3 -2"], Areas(rig));
        foreach (string path in (string[])["/swap2", "/swap3", "/dev/vdb1"])
            Assert.Equal(Errno.None, Off(rig, task, path));
        Assert.Equal((0L, 0L), (rig.Memory.Swap.TotalSlots, rig.Memory.Swap.FreeSlots));
        Assert.Empty(Areas(rig));
    }

    [Fact]
    public void Swapoff_brings_every_page_back_as_it_was()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll, swapAreas: ThreeAreas);
        TaskStruct task = rig.Start();
        Fill(rig, task, MapFlags.Private);
        // Shared with a child: both have to get it back.
        TaskStruct child = rig.Fork(task);
        long swapped = task.Mm.SwapEntries;
        Assert.True(swapped > 300, $"{swapped} pages are in swap");
        Assert.Equal(0, rig.Call(task, SyscallNr.Munmap, At + (700 * rig.Page), 600 * rig.Page).Value);
        rig.Call(child, SyscallNr.Munmap, At + (700 * rig.Page), 600 * rig.Page);
        Assert.Equal(Errno.None, Off(rig, task, "/dev/vdb1"));
        Assert.Equal(Errno.None, Off(rig, task, "/swap2"));
        Assert.Equal((0L, 0L), (rig.Memory.Swap.TotalSlots, (long)rig.Memory.Swap.CachedPages));
        Assert.Equal((0L, 0L), (task.Mm.SwapEntries, child.Mm.SwapEntries));
        long faults = task.Group.MajFlt;
        for (ulong i = 0; i < 700; i++)
        {
            Assert.Equal(i + 1, rig.Load(task, At + (i * rig.Page)));
            Assert.Equal(i + 1, rig.Load(child, At + (i * rig.Page)));
            Assert.Equal(rig.FrameAt(task.Mm, At + (i * rig.Page)), rig.FrameAt(child.Mm, At + (i * rig.Page)));
        }

        Assert.Equal(faults, task.Group.MajFlt);
        rig.Store(child, At, 99);
        Assert.Equal(1UL, rig.Load(task, At));
    }

    [Fact]
    public void Swapoff_brings_shared_memory_back()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll, swapAreas: ThreeAreas);
        TaskStruct task = rig.Start();
        Fill(rig, task, MapFlags.Shared);
        Assert.Equal(Errno.None, On(rig, task, "/swap3"));
        long used = rig.Memory.Swap.TotalSlots - rig.Memory.Swap.FreeSlots;
        Assert.True(used > 300, $"{used} slots are used");
        Assert.Equal(0, rig.Call(task, SyscallNr.Madvise, At, 700 * rig.Page, (ulong)Advice.Remove).Value);
        Assert.Equal(Errno.None, Off(rig, task, "/swap2"));
        Assert.Equal(Errno.None, Off(rig, task, "/dev/vdb1"));
        for (ulong i = 700; i < Pages; i++)
        {
            Assert.True(rig.AccessWaiting(task, At + (i * rig.Page), AccessKind.Read));
            Assert.Equal(i + 1, rig.Load(task, At + (i * rig.Page)));
        }
    }

    [Fact]
    public void What_is_promised_keeps_an_area_in_use()
    {
        var strict = new VmSettings
        {
            PcpHighPages = 0,
            OvercommitMemory = OvercommitMode.Never,
            AdminReserveKbytes = 0,
            UserReserveKbytes = 0,
        };
        using var rig = new KernelRig(megabytes: 4, vm: strict, swapAreas: ThreeAreas);
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1200);
        Assert.Equal(Errno.ENOMEM, Off(rig, task, "/swap2"));
        Assert.Equal(["/dev/vdb1 5", "/swap2 -2"], Areas(rig));
        rig.Call(task, SyscallNr.Munmap, At, 1000 * rig.Page);
        Assert.Equal(Errno.None, Off(rig, task, "/swap2"));
    }

    [Fact]
    public void A_signal_ends_swapoff_and_the_area_stays()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll, swapAreas: ThreeAreas);
        TaskStruct task = rig.Start();
        TaskStruct admin = rig.Start();
        Fill(rig, task, MapFlags.Private);
        rig.Call(task, SyscallNr.Munmap, At + (700 * rig.Page), 600 * rig.Page);
        // It is looked at between one process and the next.
        rig.Fork(task);
        admin.Group.Handlers[Signal.SigUsr1] = new SignalAction(0x1000, 0, default, 0);
        long slots = rig.Memory.Swap.TotalSlots;
        rig.Trap(admin, Request(SyscallNr.Swapoff, "/swap2"));
        Assert.Equal(TaskState.WaitingForIo, admin.State);
        // What is still there counts; nothing goes there any more.
        Assert.InRange(rig.Memory.Swap.TotalSlots, slots - 1023, slots - 1);
        Assert.True(admin.IsOomOrigin);
        Assert.Equal(Errno.EINVAL, Off(rig, task, "/swap2"));
        rig.Call(task, SyscallNr.Kill, (ulong)admin.Group.Pid, (ulong)Signal.SigUsr1);
        Assert.True(Finish(rig, admin));
        Assert.False(admin.IsOomOrigin);
        Assert.Equal(["/dev/vdb1 5", "/swap2 -2"], Areas(rig));
        Assert.Equal(slots, rig.Memory.Swap.TotalSlots);
        for (ulong i = 0; i < 700; i++)
        {
            Assert.True(rig.AccessWaiting(task, At + (i * rig.Page), AccessKind.Read));
            Assert.Equal(i + 1, rig.Load(task, At + (i * rig.Page)));
        }
    }

    [Fact]
    public void Too_little_memory_kills_who_wants_the_area_off()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll, swapAreas: ThreeAreas);
        TaskStruct task = rig.Start();
        TaskStruct admin = rig.Start();
        admin.Group.OomScoreAdj = -1000;
        Fill(rig, task, MapFlags.Private);
        rig.Trap(admin, Request(SyscallNr.Swapoff, "/swap2"));
        Finish(rig, admin);
        Assert.Equal(TaskState.Dead, admin.State);
        Assert.Equal(1, rig.Memory.Stat[VmEvent.OomKill]);
        Assert.Equal(["/dev/vdb1 5", "/swap2 -2"], Areas(rig));
        Assert.Equal(1280, rig.Memory.Swap.TotalSlots);
        Assert.NotEqual(TaskState.Dead, task.State);
    }

    private static void Fill(KernelRig rig, TaskStruct task, MapFlags type)
    {
        rig.Map(task, At, Pages, flags: type | MapFlags.Anonymous);
        for (ulong i = 0; i < Pages; i++)
        {
            Assert.True(rig.AccessWaiting(task, At + (i * rig.Page), AccessKind.Write));
            rig.Memory.Ram.WriteWord(rig.FrameAt(task.Mm, At + (i * rig.Page)), 0, i + 1);
        }

        rig.Steps(3);
    }

    private static SyscallRequest Request(SyscallNr nr, string path, ulong flags = 0) => new()
    {
        Nr = nr,
        A1 = flags,
        Operands = new SyscallOperands { Path = path },
    };

    private static Errno On(KernelRig rig, TaskStruct task, string path, ulong flags = 0)
    {
        rig.Trap(task, Request(SyscallNr.Swapon, path, flags));
        return task.Result.Errno;
    }

    private static Errno Off(KernelRig rig, TaskStruct task, string path)
    {
        rig.Trap(task, Request(SyscallNr.Swapoff, path));
        Finish(rig, task);
        return task.Result.Errno;
    }

    // Lets a call that waits go on to its end. True if a signal came to its caller.
    private static bool Finish(KernelRig rig, TaskStruct task)
    {
        for (int i = 0; i < 20_000 && task.Suspended is not null; i++)
        {
            rig.CompleteIo();
            rig.Steps(1);
            if (task.State is TaskState.WaitingForIo && task.WakeAtNs > 0)
                rig.Kernel.WakeSleeper(task.Tid);
            if (task.State == TaskState.Runnable)
                rig.Trap(task, task.Suspended!.Request);
        }

        return task.State != TaskState.Dead && task.Result.Errno == Errno.EINTR;
    }

    private static string[] Areas(KernelRig rig)
    {
        var text = new System.Text.StringBuilder();
        MachineTexts.AppendSwaps(text, rig.Kernel.Proc.Context);
        return [.. text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line =>
        {
            string[] words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            return string.Create(CultureInfo.InvariantCulture, $"{words[0]} {words[^1]}");
        })];
    }
}
