using System.Text;
using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Proc;

/// <summary>Programs read /proc through descriptors.</summary>
public sealed class ProcReadSpec : IDisposable
{
    private const ulong Buffer = KernelRig.Arena;
    private readonly KernelRig rig = new();
    private readonly TaskStruct task;

    public ProcReadSpec()
    {
        task = rig.Start(image: new ImageSpec());
        rig.Map(task, Buffer, 8);
        rig.Access(task, Buffer, AccessKind.Write);
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void A_program_reads_its_own_maps()
    {
        int fd = Open("/proc/self/maps");
        string text = Read(fd, 8192);
        Assert.Equal(Recording.TextOf(rig.Kernel.Proc, "/proc/self/maps", task), text);
        Assert.Contains("[stack]\n", text, StringComparison.Ordinal);
        Assert.EndsWith("[vsyscall]\n", text, StringComparison.Ordinal);
        Assert.Equal("", Read(fd, 8192));
    }

    [Fact]
    public void Each_opening_reads_by_itself_and_what_was_dupped_together()
    {
        int first = Open("/proc/self/statm");
        int second = Open("/proc/self/statm");
        int copy = (int)rig.Call(task, SyscallNr.Dup, (ulong)first).Value;
        Assert.Equal(Read(first, 4), Read(second, 4));
        Assert.Equal(4UL, task.Files.Find((ulong)copy)!.Position);
    }

    [Fact]
    public void A_reading_shows_the_moment_of_the_reading()
    {
        int fd = Open("/proc/self/statm");
        string before = Read(fd, 100);
        rig.Map(task, 0x2000_0000, 3);
        Assert.Equal(0, rig.Call(task, SyscallNr.Lseek, (ulong)fd, 0, 0).Value);
        long more = Pages(Read(fd, 100)) - Pages(before);
        Assert.Equal(3, more);
    }

    [Fact]
    public void A_text_has_no_end_to_seek_from()
    {
        int fd = Open("/proc/meminfo");
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(task, SyscallNr.Lseek, (ulong)fd, 0, 2).Value);
        Assert.Equal(7, rig.Call(task, SyscallNr.Lseek, (ulong)fd, 7, 0).Value);
        Assert.StartsWith("l: ", Read(fd, 100), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_paths_are_not_there()
    {
        Assert.Equal(-(long)Errno.ENOENT, OpenRaw("/proc/self/nothing"));
        Assert.Equal(-(long)Errno.ENOENT, OpenRaw("/proc/77777/maps"));
        int directory = Open("/proc/self");
        Assert.Equal(-(long)Errno.EISDIR,
            rig.Call(task, SyscallNr.Read, (ulong)directory, Buffer, 100).Value);
    }

    [Fact]
    public void A_bad_buffer_is_a_fault()
    {
        int fd = Open("/proc/self/maps");
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(task, SyscallNr.Read, (ulong)fd, 0x6000_0000, 100).Value);
        Assert.NotEqual("", Read(fd, 100));
    }

    private static long Pages(string statm) =>
        long.Parse(statm.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    private int Open(string path)
    {
        long fd = OpenRaw(path);
        Assert.InRange(fd, 0, 100);
        return (int)fd;
    }

    private long OpenRaw(string path)
    {
        rig.Trap(task, new SyscallRequest
        {
            Nr = SyscallNr.Openat,
            A0 = unchecked((ulong)-100),
            A1 = Buffer,
            Operands = new SyscallOperands { Path = path },
        });
        return task.Result.Value;
    }

    private string Read(int fd, ulong count)
    {
        var operands = new SyscallOperands { WantsCopied = true };
        rig.Trap(task, new SyscallRequest
        {
            Nr = SyscallNr.Read,
            A0 = (ulong)fd,
            A1 = Buffer,
            A2 = count,
            Operands = operands,
        });
        Assert.InRange(task.Result.Value, 0, (long)count);
        return Encoding.UTF8.GetString([.. operands.Copied]);
    }
}
