using LinuxMem.Abi;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Arch.Memory;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Machine;

/// <summary>Files on disks: I/O takes its time, tasks wait for it, and what came of it is right.</summary>
public sealed class DiskSpec
{
    private const ulong Page = 4096;
    private static readonly ExternalFile Big = new(ExternalKind.Regular, 64 << 20);

    [Fact]
    public void A_random_read_of_a_disk_with_a_head_takes_a_seek_and_half_a_turn()
    {
        const int reads = 100;
        static IEnumerable<Action<AccessBatch>> Script(FileProgram p)
        {
            yield return FileProgram.Open("/data", new ExternalFile(ExternalKind.Regular, 1UL << 38));
            for (ulong i = 0; i < reads; i++)
                yield return p.Read(Page, i * 617 % 1000 * (256 << 20));
        }

        RunResult result = Run(BlockDeviceSettings.Hdd, Script);
        // A third of the way of the disk takes about 6 ms and half a turn 4.2 ms.
        double each = result.VirtualNs / 1e6 / reads;
        Assert.InRange(each, 9, 15);
        Assert.True(Stat(result, "pgpgin") >= reads * 4);
    }

    [Fact]
    public void Reading_in_order_goes_at_the_speed_of_the_disk()
    {
        static IEnumerable<Action<AccessBatch>> Script(FileProgram p)
        {
            yield return FileProgram.Open("/data", Big);
            for (ulong at = 0; at < Big.SizeBytes; at += 64 << 10)
                yield return p.Read(64 << 10, at);
        }

        long hdd = Run(BlockDeviceSettings.Hdd, Script).VirtualNs;
        long nvme = Run(BlockDeviceSettings.Nvme, Script).VirtualNs;
        long none = Run(null, Script).VirtualNs;
        Assert.InRange((64 << 20) / (hdd / 1e9) / 1e6, 100, 180);
        Assert.InRange((64 << 20) / (nvme / 1e9) / 1e6, 300, 3500);
        Assert.True(none < nvme, $"{none} ns without a disk, {nvme} with one");
    }

    [Fact]
    public void Who_starts_the_read_of_a_page_faults_major_and_who_waits_for_it_minor()
    {
        static IEnumerable<Action<AccessBatch>> Script(FileProgram p)
        {
            yield return FileProgram.Open("/data", Big);
            yield return p.Map(1 << 20, MapFlags.Shared);
            yield return FileProgram.Sleep(1_000_000);
            yield return FileProgram.Touch(FileProgram.Mapped + (100 * Page), 0, 1);
        }

        RunResult result = Run(BlockDeviceSettings.Hdd, Script, Script, Script);
        Assert.Equal(1, result.Processes.Sum(p => p.MajFlt));
        Assert.Equal(1, Stat(result, "pgmajfault"));
        Assert.All(result.Processes, p => Assert.Equal("exited 0", p.Fate));
    }

    [Fact]
    public void Pages_that_were_written_come_back_from_the_disk()
    {
        List<string> errors = [];
        IEnumerable<Action<AccessBatch>> Script(FileProgram p)
        {
            yield return FileProgram.Open("/data/new");
            yield return p.Write(300_000, 0);
            if (p.Last.Value != 300_000)
                errors.Add($"write gives {p.Last.Value}");
            yield return p.Fsync();
            yield return p.Forget();
            yield return p.Read(300_000, 0);
            if (p.Last.Value != 300_000)
                errors.Add($"read gives {p.Last.Value}");
            yield return p.Map(300_000, MapFlags.Shared);
            yield return FileProgram.Touch(FileProgram.Mapped, Page, 73, AccessKind.Write);
            yield return p.Fsync();
            yield return FileProgram.Touch(FileProgram.Mapped, Page, 73, AccessKind.Write);
        }

        RunResult result = Run(BlockDeviceSettings.Nvme, Script);
        Assert.Empty(errors);
        Assert.Equal(2 * 74 - 1, Stat(result, "nr_written"));
        // Four blocks of the file system were read and changed too: inode, both bitmaps, group descriptors.
        Assert.Equal((74 + 4) * 4, Stat(result, "pgpgin"));
        Assert.Equal(73 + 4, Stat(result, "nr_dirty"));
        Assert.Equal(0, Stat(result, "nr_writeback"));
    }

    [Fact]
    public void Dirty_pages_are_written_when_they_are_old()
    {
        static IEnumerable<Action<AccessBatch>> Script(FileProgram p)
        {
            yield return FileProgram.Open("/data/new");
            yield return p.Write(1 << 20, 0);
            yield return FileProgram.Sleep(29_000_000_000);
            yield return FileProgram.Sleep(7_000_000_000);
        }

        // The inode and its bitmap are as old; the bitmap of blocks became dirty when the file was written.
        Assert.Equal(256 + 2, Stat(Run(BlockDeviceSettings.Nvme, Script), "nr_written"));
        static IEnumerable<Action<AccessBatch>> Short(FileProgram p) => Script(p).Take(3);
        Assert.Equal(0, Stat(Run(BlockDeviceSettings.Nvme, Short), "nr_written"));
    }

    [Fact]
    public void Writers_are_slowed_down_to_the_speed_of_the_disk()
    {
        const ulong total = 96 << 20;
        static IEnumerable<Action<AccessBatch>> Script(FileProgram p)
        {
            yield return FileProgram.Open("/data/new");
            for (ulong at = 0; at < total; at += 1 << 20)
                yield return p.Write(1 << 20, at);
        }

        BlockDeviceSettings slow = BlockDeviceSettings.Ssd with { BytesPerSecond = 20_000_000 };
        RunResult result = Run(slow, Script);
        // What exceeds the limit of about a fifth of 128 MiB has to be written meanwhile.
        Assert.InRange(result.VirtualNs / 1e9, 3.2, 6);
        Assert.InRange(Stat(result, "nr_written") * 4 / 1024, 60, 96);
        Assert.True(Run(null, Script).VirtualNs < 200_000_000);
    }

    internal static long Stat(RunResult result, string name) => result.VmStat.First(c => c.Key == name).Value;

    internal static RunResult Run(BlockDeviceSettings? disk,
        params Func<FileProgram, IEnumerable<Action<AccessBatch>>>[] scripts) =>
        DirectMachine.Execute(Of(disk, scripts));

    internal static Scenario Of(BlockDeviceSettings? disk,
        params Func<FileProgram, IEnumerable<Action<AccessBatch>>>[] scripts) => new()
        {
            Name = "disk",
            Engine = new EngineSettings { Audit = AuditLevel.End },
            Machine = new MachineSettings
            {
                Cpus = 2,
                MemoryBytes = 128 << 20,
                Contents = ContentMode.Tags,
                Disks = disk is null ? [] : [disk],
            },
            Processes = [.. scripts.Select(script => new ProcessSpec(() => new FileProgram(script)))],
        };
}
