using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.Proc.Machine;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Files;

/// <summary>Blocks of the disk in memory: metadata with Linux 6.18, what is written too with Linux 2.0.</summary>
public sealed class BufferCacheSpec
{
    private const int Page = 4096;

    [Fact]
    public void A_machine_without_disks_has_no_buffers()
    {
        using var rig = new FileRig();
        rig.Pwrite(rig.Open("/tmp/x"), Bytes(1, Page), 0);
        Assert.Equal(0, rig.Kernel.Memory.BufferPages);
    }

    [Fact]
    public void Opening_reads_the_inode_once_and_making_a_file_changes_bitmap_and_inode()
    {
        using FileRig rig = Rig(KernelEra.Linux6);
        int fd = rig.Open("/data/old", flags: 2, external: new ExternalFile(ExternalKind.Regular, 3 * Page));
        Assert.Equal(1, rig.Kernel.Memory.BufferPages);
        Assert.Equal(4, rig.Kernel.Memory.Stat[VmEvent.PgPgIn]);
        Assert.Equal(0, rig.Kernel.Memory.Stat[VmEvent.NrDirty]);
        rig.Call(SyscallNr.Close, (ulong)fd);
        rig.Open("/data/old", flags: 2);
        Assert.Equal(4, rig.Kernel.Memory.Stat[VmEvent.PgPgIn]);
        // The bitmap of inodes, and the same block of inodes as before.
        rig.Open("/data/new");
        Assert.Equal((2, 2), (rig.Kernel.Memory.BufferPages, rig.Kernel.Memory.Stat[VmEvent.NrDirty]));
    }

    [Fact]
    public void Writing_back_marks_bitmaps_and_meminfo_tells_buffers_from_cached()
    {
        using FileRig rig = Rig(KernelEra.Linux6);
        int fd = rig.Open("/data/new");
        rig.Pwrite(fd, Bytes(1, 4 * Page), 0);
        Assert.Equal(2, rig.Kernel.Memory.BufferPages);
        rig.Call(SyscallNr.Fsync, (ulong)fd);
        // The bitmap of blocks, and the group descriptors.
        Assert.Equal(4, rig.Kernel.Memory.BufferPages);
        rig.Call(SyscallNr.Sync);
        Assert.Equal(0, rig.Kernel.Memory.Stat[VmEvent.NrDirty]);
        Assert.Equal((16L, 16L), (Meminfo(rig, "Buffers"), Meminfo(rig, "Cached")));
        Assert.Equal(Bytes(1, 4 * Page), rig.Pread(fd, 4 * Page, 0));
    }

    [Fact]
    public void With_Linux_2_0_what_is_written_and_read_lies_in_memory_twice()
    {
        using FileRig rig = Rig(KernelEra.Classic);
        int fd = rig.Open("/data/new");
        rig.Pwrite(fd, Bytes(1, 8 * Page), 0);
        long buffers = rig.Kernel.Memory.BufferPages;
        Assert.InRange(buffers, 8, 13);
        Assert.Equal(0, Meminfo(rig, "Cached"));
        long read = rig.Kernel.Memory.Stat[VmEvent.PgPgIn];
        Assert.Equal(Bytes(1, 8 * Page), rig.Pread(fd, 8 * Page, 0));
        // Copied from the buffers: no I/O.
        Assert.Equal(read, rig.Kernel.Memory.Stat[VmEvent.PgPgIn]);
        Assert.Equal(buffers, rig.Kernel.Memory.BufferPages);
        Assert.Equal(8 * Page / 1024, Meminfo(rig, "Cached"));
        // A write changes both.
        rig.Pwrite(fd, Bytes(7, 100), 5000);
        Assert.Equal(Bytes(7, 100), rig.Pread(fd, 100, 5000));
        Assert.Equal(Bytes(1, 8 * Page)[5100..5200], rig.Pread(fd, 100, 5100));
    }

    [Fact]
    public void With_Linux_2_0_the_oldest_clean_buffer_gives_its_page_when_memory_is_tight()
    {
        using FileRig rig = Rig(KernelEra.Classic, megabytes: 2);
        int fd = rig.Open("/data/new");
        for (int i = 0; i < 600; i++)
        {
            rig.Pwrite(fd, Bytes(i, Page), (ulong)(i * Page));
            if (i % 8 == 7)
                rig.Call(SyscallNr.Fsync, (ulong)fd);
        }

        Assert.InRange(rig.Kernel.Memory.BufferPages, 200, 480);
        Assert.True(rig.Kernel.FreeFrames > 16);
        for (int i = 0; i < 600; i += 37)
            Assert.Equal(Bytes(i, Page), rig.Pread(fd, Page, (ulong)(i * Page)));
    }

    [Fact]
    public void Truncation_forgets_buffers_and_what_comes_after_is_not_what_was_before()
    {
        using FileRig rig = Rig(KernelEra.Classic);
        int fd = rig.Open("/data/new");
        rig.Pwrite(fd, Bytes(1, 8 * Page), 0);
        long before = rig.Kernel.Memory.BufferPages;
        rig.Call(SyscallNr.Ftruncate, (ulong)fd, (2 * Page) + 10);
        Assert.Equal(before - 5, rig.Kernel.Memory.BufferPages);
        rig.Call(SyscallNr.Ftruncate, (ulong)fd, 8 * Page);
        Assert.Equal(new byte[Page], rig.Pread(fd, Page, 4 * Page));
        Assert.Equal(Bytes(1, Page)[..10], rig.Pread(fd, 10, 0));
        Assert.Equal(new byte[100], rig.Pread(fd, 100, (2 * Page) + 10));
    }

    [Theory]
    [InlineData(KernelEra.Classic), InlineData(KernelEra.Linux6)]
    public void Random_reads_writes_and_cuts_agree_with_an_array(KernelEra era)
    {
        for (ulong seed = 1; seed <= 6; seed++)
        {
            using FileRig rig = Rig(era, megabytes: 2);
            int fd = rig.Open("/data/new");
            byte[] model = [];
            var random = new RandomStream(seed);
            for (int i = 0; i < 250; i++)
                Step(rig, fd, ref model, ref random, i);
            Assert.Equal(model.Length, Size(rig, fd));
        }
    }

    private static void Step(FileRig rig, int fd, ref byte[] model, ref RandomStream random, int step)
    {
        const int most = 40 * Page;
        int at = (int)random.Below(most), count = 1 + (int)random.Below(3 * Page);
        switch (random.Below(10))
        {
            case < 4:
                byte[] bytes = Bytes(step, count);
                Assert.Equal(count, rig.Pwrite(fd, bytes, (ulong)at));
                Array.Resize(ref model, Math.Max(model.Length, at + count));
                bytes.CopyTo(model, at);
                break;
            case < 7:
                int there = Math.Clamp(model.Length - at, 0, count);
                byte[] expected = [.. model.AsSpan(Math.Min(at, model.Length), there)];
                Assert.Equal(expected, rig.Pread(fd, count, (ulong)at));
                break;
            case 7:
                rig.Call(SyscallNr.Ftruncate, (ulong)fd, (ulong)at);
                Array.Resize(ref model, at);
                break;
            case 8:
                rig.Call(SyscallNr.Fsync, (ulong)fd);
                break;
            default:
                // Somebody else wants memory: clean pages go.
                rig.Kernel.Steps(2);
                break;
        }
    }

    private static long Size(FileRig rig, int fd) => rig.Call(SyscallNr.Lseek, (ulong)fd, 0, 2);

    private static byte[] Bytes(int seed, int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
            bytes[i] = (byte)((seed * 31) + (i * 7) + (i >> 8));
        return bytes;
    }

    private static long Meminfo(FileRig rig, string name)
    {
        var text = new System.Text.StringBuilder();
        MeminfoText.Append(text, rig.Kernel.Kernel.Proc.Context);
        string line = text.ToString().Split('\n').First(l => l.StartsWith(name + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            System.Globalization.CultureInfo.InvariantCulture);
    }

    private static FileRig Rig(KernelEra era, ulong megabytes = 8) => new(kernel: new KernelRig(
        megabytes: megabytes, contents: ContentMode.Bytes, era: era,
        disks: [BlockDeviceSettings.Nvme with { Sectors = 1 << 20 }]));
}
