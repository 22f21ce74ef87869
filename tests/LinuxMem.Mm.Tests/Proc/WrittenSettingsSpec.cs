using System.Text;
using LinuxMem.Abi;
using LinuxMem.Mm.Tests.Files;

namespace LinuxMem.Mm.Tests.Proc;

/// <summary>Settings of memory that programs change act at once.</summary>
public class WrittenSettingsSpec
{
    private const string Folder = "/proc/sys/vm/";
    private const ulong Huge = 1UL << 40;

    [Fact]
    public void What_may_be_promised_follows_the_mode()
    {
        using var rig = new FileRig();
        Assert.Equal(-(long)Errno.ENOMEM, Promise(rig, Huge));
        Assert.Equal(2, Write(rig, "overcommit_memory", "1\n"));
        Assert.Equal("1\n", Read(rig, "overcommit_memory"));
        Assert.True(Promise(rig, Huge) > 0);
        Assert.Equal(1, Write(rig, "overcommit_memory", "2"));
        Assert.Equal(-(long)Errno.ENOMEM, Promise(rig, 1 << 20));
        Assert.Equal(-(long)Errno.EINVAL, Write(rig, "overcommit_memory", "3"));
        Assert.Equal(-(long)Errno.EINVAL, Write(rig, "overcommit_memory", "-1"));
        Assert.Equal(-(long)Errno.EINVAL, Write(rig, "overcommit_memory", "x"));
        Assert.Equal("2\n", Read(rig, "overcommit_memory"));
    }

    [Fact]
    public void Of_the_ratio_and_the_amount_the_last_one_counts()
    {
        using var rig = new FileRig();
        Write(rig, "overcommit_memory", "2");
        Assert.Equal(4, Write(rig, "overcommit_kbytes", "4096"));
        Assert.Equal(("4096\n", "0\n"), (Read(rig, "overcommit_kbytes"), Read(rig, "overcommit_ratio")));
        Assert.Equal(1024, rig.Kernel.Kernel.Overcommit.LimitPages);
        Assert.Equal(3, Write(rig, "overcommit_ratio", "100"));
        Assert.Equal(("0\n", "100\n"), (Read(rig, "overcommit_kbytes"), Read(rig, "overcommit_ratio")));
        Assert.Equal(rig.Kernel.Kernel.Overcommit.TotalPages, rig.Kernel.Kernel.Overcommit.LimitPages);
    }

    [Fact]
    public void Mappings_are_refused_at_the_count_that_was_written_last()
    {
        using var rig = new FileRig();
        int now = rig.Task.Mm.Vmas.Tree.Count;
        Assert.Equal(-(long)Errno.EINVAL, Write(rig, "max_map_count", "-5"));
        Assert.Equal(1, Write(rig, "max_map_count", $"{now}"));
        Assert.Equal(now, rig.Task.Mm.Vmas.MaxMapCount);
        Assert.True(Promise(rig, 4096) > 0);
        Assert.Equal(-(long)Errno.ENOMEM, Promise(rig, 4096));
        Write(rig, "max_map_count", "65530");
        Assert.True(Promise(rig, 4096) > 0);
    }

    // Shared, so that no neighbour is joined.
    private static long Promise(FileRig rig, ulong bytes) => rig.Call(SyscallNr.Mmap, 0, bytes, 3,
        (ulong)(MapFlags.Shared | MapFlags.Anonymous), unchecked((ulong)-1));

    private static long Write(FileRig rig, string name, string text)
    {
        int fd = rig.Open(Folder + name, 1);
        long written = rig.Write(fd, Encoding.ASCII.GetBytes(text));
        rig.Call(SyscallNr.Close, (ulong)fd);
        return written;
    }

    private static string Read(FileRig rig, string name)
    {
        int fd = rig.Open(Folder + name, 0);
        string text = Encoding.ASCII.GetString(rig.Read(fd, 100));
        rig.Call(SyscallNr.Close, (ulong)fd);
        return text;
    }
}
