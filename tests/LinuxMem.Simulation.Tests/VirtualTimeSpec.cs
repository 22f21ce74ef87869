using LinuxMem.Simulation.Time;

namespace LinuxMem.Simulation.Tests;

public class VirtualTimeSpec
{
    private static readonly VirtualTime Early = new(100);
    private static readonly VirtualTime Late = VirtualTime.Zero + 250;

    [Fact]
    public void Moments_are_in_order()
    {
        Assert.True(Early < Late && Late > Early && Early <= Late && Late >= Early);
        Assert.False(Late < Early || Early > Late || Late <= Early || Early >= Late);
        Assert.Equal([Early, Late, VirtualTime.Never], new[] { VirtualTime.Never, Late, Early }.Order());
    }

    [Fact]
    public void A_moment_is_neither_before_nor_after_itself()
    {
        VirtualTime again = new(100);
        Assert.True(Early <= again && Early >= again && Early == again);
        Assert.False(Early < again || Early > again);
        Assert.Equal(0, Early.CompareTo(again));
    }

    [Fact]
    public void Moments_are_nanoseconds_apart()
    {
        Assert.Equal(150, Late - Early);
        Assert.Equal(-150, Early - Late);
        Assert.Equal("250 ns", Late.ToString());
    }
}
