using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Memcg;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Memcg;

public class MemCgroupsSpec
{
    [Fact]
    public void Nobody_pays_for_a_frame_that_a_page_has_left_until_it_is_free()
    {
        var groups = new MemCgroups([new CgroupSettings("a")], 16, 12);
        Pfn from = new(1), to = new(2);
        groups.Migrate(from, to);
        Assert.False(groups.IsPaidWithin(from, groups.Root));
        Assert.True(groups.IsPaidWithin(to, groups.Root));
        Assert.False(groups.IsPaidWithin(to, groups.Find("a")!));
        groups.Uncharge(from);
        Assert.True(groups.IsPaidWithin(from, groups.Root));
    }
}
