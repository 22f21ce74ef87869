using LinuxMem.Simulation.Locks;

namespace LinuxMem.Simulation.Tests.Locks;

public class LockOrderSpec
{
    [Fact]
    public void The_same_order_again_and_again_is_no_bug()
    {
        var order = new LockOrder();
        for (int i = 0; i < 3; i++)
        {
            order.Take(LockClass.MmapLock);
            order.Take(LockClass.VmaLock);
            order.Pass(LockClass.Zone);
            order.Release(LockClass.VmaLock);
            order.Pass(LockClass.VmaLock);
            order.Release(LockClass.MmapLock);
            order.Take(LockClass.VmaLock);
            order.Release(LockClass.VmaLock);
        }

        Assert.Equal(0, order.Held);
    }

    [Fact]
    public void Two_classes_either_way_round_are_a_bug()
    {
        var order = new LockOrder();
        order.Take(LockClass.MmapLock);
        order.Take(LockClass.AnonVma);
        order.Release(LockClass.MmapLock);
        order.Release(LockClass.AnonVma);
        order.Take(LockClass.AnonVma);
        var bug = Assert.Throws<KernelBug>(() => order.Take(LockClass.MmapLock));
        Assert.Contains("lock order: mmap_lock is taken inside anon_vma", bug.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_circle_of_three_is_a_bug()
    {
        var order = new LockOrder();
        order.Take(LockClass.MmapLock);
        order.Pass(LockClass.PageTable);
        Assert.Equal("mmap_lock", order.NamesOfHeld);
        order.Release(LockClass.MmapLock);
        order.Take(LockClass.PageTable);
        order.Pass(LockClass.Lru);
        order.Release(LockClass.PageTable);
        order.Take(LockClass.Lru);
        Assert.Throws<KernelBug>(() => order.Pass(LockClass.MmapLock));
    }

    [Fact]
    public void Locks_of_one_class_may_nest()
    {
        var order = new LockOrder();
        order.Take(LockClass.PageTable);
        order.Take(LockClass.PageTable);
        order.Release(LockClass.PageTable);
    }
}
