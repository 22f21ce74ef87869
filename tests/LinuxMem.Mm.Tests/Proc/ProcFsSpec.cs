using LinuxMem.Abi;
using LinuxMem.Mm.Proc;
using LinuxMem.Mm.Proc.Files;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Proc;

public sealed class ProcFsSpec : IDisposable
{
    private readonly KernelRig rig = new();
    private readonly TaskStruct task;

    public ProcFsSpec() => task = rig.Start(image: new ImageSpec());

    private ProcFs Proc => rig.Kernel.Proc;

    public void Dispose() => rig.Dispose();

    [Theory]
    [InlineData("/proc", true)]
    [InlineData("/proc/self/maps", true)]
    [InlineData("/sys/kernel", true)]
    [InlineData("/process", false)]
    [InlineData("/tmp/proc/x", false)]
    public void Two_file_systems_are_its_own(string path, bool held) => Assert.Equal(held, ProcFs.Holds(path));

    [Fact]
    public void Every_name_in_a_directory_leads_somewhere()
    {
        int files = Visit("/proc") + Visit("/sys");
        Assert.InRange(files, 60, 200);
    }

    [Theory]
    [InlineData("/proc/nothing")]
    [InlineData("/proc/99999/maps")]
    [InlineData("/proc/self/nothing")]
    [InlineData("/proc/self/maps/x")]
    [InlineData("/proc/self/task/1/maps")]
    [InlineData("/sys/nothing")]
    [InlineData("/proc/-5")]
    public void Other_names_lead_nowhere(string path) => Assert.Null(Proc.Find(path, task));

    [Fact]
    public void Self_is_who_asks()
    {
        TaskStruct child = rig.Fork(task);
        Assert.Equal($"{child.Tid}", Proc.Find("/proc/self", child)!.Target);
        Assert.Equal($"{child.Tid}/task/{child.Tid}", Proc.Find("/proc/thread-self", child)!.Target);
        Assert.Contains($"\nPid:\t{child.Tid}\nPPid:\t{task.Tid}\n", Recording.TextOf(Proc, "/proc/self/status", child),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_thread_has_its_own_directory()
    {
        TaskStruct thread = rig.Fork(task, CloneFlags.Vm | CloneFlags.SigHand | CloneFlags.Thread);
        string status = Recording.TextOf(Proc, $"/proc/{task.Tid}/task/{thread.Tid}/status");
        Assert.Contains($"\nTgid:\t{task.Tid}\n", status, StringComparison.Ordinal);
        Assert.Contains($"\nPid:\t{thread.Tid}\n", status, StringComparison.Ordinal);
        Assert.Contains("\nThreads:\t2\n", status, StringComparison.Ordinal);
        Assert.Equal([$"{task.Tid}", $"{thread.Tid}"], Proc.Find($"/proc/{task.Tid}/task", null)!.Names);
    }

    [Fact]
    public void A_zombie_has_no_memory_and_goes_when_it_is_waited_for()
    {
        TaskStruct child = rig.Fork(task);
        ProcFile maps = Proc.Find($"/proc/{child.Tid}/maps", null)!.Open!();
        ProcFile status = Proc.Find($"/proc/{child.Tid}/status", null)!.Open!();
        rig.Exit(child);
        Assert.Equal(0, maps.Read(0, new byte[100], out Errno none));
        Assert.Equal(Errno.None, none);
        string text = Recording.TextOf(Proc, $"/proc/{child.Tid}/status");
        Assert.Contains("State:\tZ (zombie)\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("VmSize", text, StringComparison.Ordinal);
        Assert.Equal("0 0 0 0 0 0 0\n", Recording.TextOf(Proc, $"/proc/{child.Tid}/statm"));
        ProcFile rollup = Proc.Find($"/proc/{child.Tid}/smaps_rollup", null)!.Open!();
        rollup.Read(0, new byte[100], out Errno gone);
        Assert.Equal(Errno.ESRCH, gone);
        rig.Call(task, SyscallNr.Wait4, (ulong)child.Tid);
        Assert.Null(Proc.Find($"/proc/{child.Tid}", null));
        status.Read(0, new byte[100], out gone);
        Assert.Equal(Errno.ESRCH, gone);
    }

    [Fact]
    public void Maps_goes_on_after_the_mapping_shown_last()
    {
        rig.Map(task, KernelRig.Arena, 200);
        for (ulong i = 0; i < 100; i++)
        {
            rig.Call(task, SyscallNr.Mprotect, KernelRig.Arena + (2 * i * rig.Page), rig.Page,
                (ulong)ProtFlags.Read);
        }

        ProcFile maps = Proc.Find("/proc/self/maps", task)!.Open!();
        byte[] bytes = new byte[8192];
        int first = maps.Read(0, bytes, out _);
        Assert.InRange(first, 3900, 4095);
        Assert.Equal((byte)'\n', bytes[first - 1]);
        string last = System.Text.Encoding.ASCII.GetString(bytes[..first]).Split('\n')[^2];
        rig.Call(task, SyscallNr.Munmap, KernelRig.Arena, 100 * rig.Page);
        int second = maps.Read(first, bytes, out _);
        string next = System.Text.Encoding.ASCII.GetString(bytes[..second]).Split('\n')[0];
        Assert.Equal($"{KernelRig.Arena + (100 * rig.Page):x8}", next.Split('-')[0]);
        Assert.True(string.CompareOrdinal(last, next) < 0);
    }

    [Fact]
    public void Pagemap_is_read_in_whole_entries()
    {
        rig.Map(task, KernelRig.Arena, 2);
        rig.Access(task, KernelRig.Arena, AccessKind.Write);
        ProcFile file = Proc.Find("/proc/self/pagemap", task)!.Open!();
        byte[] bytes = new byte[16];
        long position = (long)(KernelRig.Arena >> 12) * 8;
        Assert.Equal(16, file.Read(position, bytes, out _));
        ulong entry = BitConverter.ToUInt64(bytes);
        Assert.Equal((1UL << 63) | (1UL << 56) | rig.FrameAt(task.Mm, KernelRig.Arena).Value, entry);
        Assert.Equal(0UL, BitConverter.ToUInt64(bytes, 8));
        Assert.Equal(0, file.Read(position + 4, bytes, out Errno error));
        Assert.Equal(Errno.EINVAL, error);
        Assert.Equal(0, file.Read(position, bytes.AsSpan(0, 12), out error));
        Assert.Equal(Errno.EINVAL, error);
        Assert.Equal(0, file.Read(0x7ffffffffL * 8, bytes, out error));
        Assert.Equal(Errno.None, error);
    }

    [Fact]
    public void The_whole_tree_can_be_written_down()
    {
        rig.Fork(task);
        Dictionary<string, string> tree = new(ProcExport.Read(Proc, nowNs: 1_500_000_000));
        Assert.Equal("1.50 1.50\n", tree["proc/uptime"]);
        Assert.Equal("init\n", tree["proc/1/comm"]);
        Assert.Equal("0 0 0 0 0 0 0\n", tree["proc/1/statm"]);
        Assert.Contains($"proc/{task.Tid}/smaps", tree.Keys);
        Assert.Contains("sys/devices/system/node/node0/vmstat", tree.Keys);
    }

    [Fact]
    public void VmPeak_remembers_what_was_unmapped()
    {
        rig.Map(task, KernelRig.Arena, 64);
        long size = (long)task.Mm.Vmas.TotalVmPages;
        rig.Call(task, SyscallNr.Mremap, KernelRig.Arena, 64 * rig.Page, 64 * rig.Page,
            (ulong)(MremapFlags.MayMove | MremapFlags.Fixed), 0x5000_0000);
        rig.Call(task, SyscallNr.Munmap, 0x5000_0000, 64 * rig.Page);
        string status = Recording.TextOf(Proc, "/proc/self/status", task);
        Assert.Contains($"VmPeak:\t{size * 4,8} kB\nVmSize:\t{(size - 64) * 4,8} kB\n", status,
            StringComparison.Ordinal);
    }

    private int Visit(string path)
    {
        ProcNode node = Proc.Find(path, task)!;
        Assert.True(node is not null, path);
        if (node.Kind == ProcNodeKind.Link)
            return 1;
        if (node.Kind == ProcNodeKind.File)
        {
            node.Open!().Read(0, new byte[8], out Errno error);
            Assert.True(error is Errno.None or Errno.ESRCH, path);
            return 1;
        }

        return node.Names.Sum(name => Visit(path + "/" + name));
    }
}
