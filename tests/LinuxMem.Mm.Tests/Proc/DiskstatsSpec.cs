using LinuxMem.Mm.Block;
using LinuxMem.Mm.Proc;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Proc;

public class DiskstatsSpec
{
    [Fact]
    public void Diskstats_has_a_line_of_twenty_fields_for_each_disk()
    {
        using var rig = new KernelRig(megabytes: 4, swapAreas: [new SwapAreaSettings { Pages = 257 }]);
        rig.Kernel.Io.SetCounts(0, new DiskCounts(7, 1, 56, 3_900_000, 5, 2, 80, 12_100_000, 9_999_999));
        string line = ProcExport.Read(rig.Kernel.Proc, 0).Single(f => f.Key == "proc/diskstats").Value;
        string name = rig.Kernel.Memory.Settings.Disks[0].Name;
        Assert.EndsWith($" {name} 7 1 56 3 5 2 80 12 0 9 16 0 0 0 0 0 0\n", line, StringComparison.Ordinal);
        Assert.Equal(20, line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void A_machine_without_disks_has_none()
    {
        using var rig = new KernelRig();
        Assert.Equal("", ProcExport.Read(rig.Kernel.Proc, 0).Single(f => f.Key == "proc/diskstats").Value);
    }
}
