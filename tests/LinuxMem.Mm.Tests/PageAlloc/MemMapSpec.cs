using System.Runtime.CompilerServices;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Simulation;

namespace LinuxMem.Mm.Tests.PageAlloc;

public class MemMapSpec
{
    [Fact]
    public void A_descriptor_takes_32_bytes() => Assert.Equal(32, Unsafe.SizeOf<PageFrame>());

    [Fact]
    public void Frames_that_nothing_used_read_as_all_zero()
    {
        using var machine = new Machine(1 << 24);
        machine.Alloc(order: 3);
        Assert.Equal(default, machine.Map[new Pfn((1 << 23) + 77)]);
        Assert.Equal(default, machine.Map[new Pfn(1 << 23)]);
        Assert.Contains((1u << 23, 10), machine.FreeBlocks());
        machine.Allocator.ListAllFreeBlocks();
        Assert.Equal(FramePlace.BuddyHead, machine.Map[new Pfn(1 << 23)].Place);
    }

    [Fact]
    public void A_frame_beyond_the_end_is_a_bug()
    {
        using var map = new MemMap(64);
        Assert.Equal(FramePlace.Untouched, map[new Pfn(63)].Place);
        Assert.StartsWith("I04:", Assert.Throws<KernelBug>(() => map[new Pfn(64)].Place).Message);
    }
}
