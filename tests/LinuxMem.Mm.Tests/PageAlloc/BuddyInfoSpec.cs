using LinuxMem.Mm.PageAlloc;

namespace LinuxMem.Mm.Tests.PageAlloc;

public class BuddyInfoSpec
{
    [Fact]
    public void Lines_are_formatted_as_the_kernel_does()
    {
        using var machine = new Machine((1 << 20) + 1024, vm: Machine.Bare);
        Assert.Equal(
            [
                "Node 0, zone      DMA      1      1      1      1      1      1      1      1      1      1      3 ",
                "Node 0, zone    DMA32      0      0      0      0      0      0      0      0      0      0   1020 ",
                "Node 0, zone   Normal      0      0      0      0      0      0      0      0      0      0      1 ",
            ],
            BuddyInfo.Lines(machine.Allocator));
    }

    [Fact]
    public void A_small_machine_has_the_low_zone_only()
    {
        using var machine = new Machine(4096, vm: Machine.Bare);
        Assert.Single(BuddyInfo.Lines(machine.Allocator));
    }
}
