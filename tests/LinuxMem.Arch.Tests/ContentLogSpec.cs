using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Tests.Support;
using LinuxMem.Arch.Tlbs;

namespace LinuxMem.Arch.Tests;

public sealed class ContentLogSpec
{
    private const ulong A = 0x40_0000;

    [Fact]
    public void Without_contents_nothing_is_logged()
    {
        using Rig rig = RigOf(ContentMode.None);
        rig.Cost(AccessKind.Write, A);
        Assert.Equal((0, 0UL), (rig.Mmu.Log.Count, rig.Task.StoreOrdinal));
    }

    [Fact]
    public void With_bytes_every_access_is_logged_at_its_time()
    {
        using Rig rig = RigOf(ContentMode.Bytes);
        Run(rig, long.MaxValue);
        ContentOp[] ops = rig.Mmu.Log.Ops.ToArray();
        Assert.Equal([0, 401, 402, 403, 504], ops.Select(o => o.TimeNs));
        Assert.Equal([A + 0xfe8, A + 0xff0, A + 0xff8, A + 0x1000, A + 0x1008], ops.Select(o => o.Va));
        Assert.Equal([600u, 600u, 600u, 601u, 601u], ops.Select(o => o.Pfn));
        Assert.Equal([1UL, 2, 3, 4, 5], ops.Select(o => OrdinalOf(o.Value)));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(1)]
    public void With_tags_a_page_visit_is_logged_once_with_its_last_store(long stepNs)
    {
        using Rig rig = RigOf(ContentMode.Tags);
        Run(rig, stepNs);
        ContentOp[] ops = rig.Mmu.Log.Ops.ToArray();
        Assert.Equal([0, 403], ops.Select(o => o.TimeNs));
        Assert.Equal([A + 0xff8, A + 0x1008], ops.Select(o => o.Va));
        Assert.Equal([3UL, 5], ops.Select(o => OrdinalOf(o.Value)));
        Assert.All(ops, o => Assert.Equal((7, 1, AccessKind.Write), (o.TaskId, o.MmId, o.Kind)));
        Assert.Equal(5UL, rig.Task.StoreOrdinal);
    }

    [Fact]
    public void A_visit_whose_translation_is_found_anew_is_logged_anew()
    {
        using Rig rig = RigOf(ContentMode.Tags);
        AccessBatch batch = Row(rig);
        rig.Mmu.Run(batch, ref rig.Now, 402, out _);
        rig.World.Map(A, 700);
        rig.Mmu.Invalidate(0, A >> 12, 1);
        rig.Mmu.Run(batch, ref rig.Now, long.MaxValue, out _);
        Assert.Equal([600u, 700u, 601u], rig.Mmu.Log.Ops.ToArray().Select(o => o.Pfn));
        Assert.Equal([3UL, 3, 5], rig.Mmu.Log.Ops.ToArray().Select(o => OrdinalOf(o.Value)));
    }

    [Fact]
    public void Fetches_are_logged_as_loads_and_clearing_forgets()
    {
        using Rig rig = RigOf(ContentMode.Tags);
        rig.Cost(AccessKind.Execute, A + 5);
        ContentOp op = rig.Mmu.Log.Ops[0];
        Assert.Equal((AccessKind.Read, A, 0UL), (op.Kind, op.Va, op.Value));
        rig.Mmu.Log.Clear();
        Assert.Equal(0, rig.Mmu.Log.Count);
    }

    private static Rig RigOf(ContentMode contents)
    {
        var rig = new Rig(contents: contents);
        rig.World.Map(A, 600);
        rig.World.Map(A + 0x1000, 601);
        return rig;
    }

    private static AccessBatch Row(Rig rig)
    {
        AccessBatch batch = rig.Batch();
        batch.AddRun(AccessKind.Write, A + 0xfe8, 8, 5);
        return batch;
    }

    private static void Run(Rig rig, long stepNs)
    {
        AccessBatch batch = Row(rig);
        MmuStop stop;
        do
        {
            long until = stepNs == long.MaxValue ? stepNs : rig.Now + stepNs;
            stop = rig.Mmu.Run(batch, ref rig.Now, until, out _);
        }
        while (stop == MmuStop.Deadline);
    }

    private static ulong OrdinalOf(ulong value) =>
        Enumerable.Range(1, 9).Select(i => (ulong)i).First(i => TaskAccesses.StoreValue(99, i) == value);
}
