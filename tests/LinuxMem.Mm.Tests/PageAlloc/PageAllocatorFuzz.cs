using CsCheck;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Stats;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.PageAlloc;

/// <summary>Random allocations and frees against a bitmap of the frames in use.</summary>
public class PageAllocatorFuzz
{
    private static readonly GfpFlags[] Gfps =
    [
        GfpFlags.HighUserMovable, GfpFlags.HighUserMovable, GfpFlags.Kernel, GfpFlags.Kernel | GfpFlags.Reclaimable,
        GfpFlags.Atomic, GfpFlags.Kernel | GfpFlags.MemAlloc, GfpFlags.Dma,
    ];

    private static readonly VmEvent[] Allocated =
        [VmEvent.PgAllocDma, VmEvent.PgAllocDma32, VmEvent.PgAllocNormal];

    private static readonly int?[] Highs = [null, 0, 5, 64];

    private static readonly Gen<Op> GenOp =
        from kind in Gen.Frequency((6, Gen.Const(0)), (5, Gen.Const(1)), (1, Gen.Const(2)))
        from cpu in Gen.Int[0, 2]
        from order in Gen.Frequency((6, Gen.Const(0)), (2, Gen.Int[1, 3]), (1, Gen.Int[4, 10]))
        from gfp in Gen.Int[0, Gfps.Length - 1]
        from pick in Gen.UInt
        select new Op(kind, cpu, order, Gfps[gfp], pick);

    private static readonly Gen<(uint Frames, int? High, Op[] Ops)> GenRun =
        from frames in Gen.OneOf(Gen.UInt[2, 600], Gen.UInt[601, 7000])
        from high in Gen.Int[0, Highs.Length - 1]
        from ops in GenOp.Array[1, 600]
        select (frames, Highs[high], ops);

    [Fact]
    public void The_allocator_agrees_with_a_bitmap() =>
        GenRun.Sample(run => Run(run.Frames, run.High, run.Ops), iter: 300);

    private static void Run(uint frames, int? high, Op[] ops)
    {
        var vm = new VmSettings { MinFreeKbytes = frames / 8, PcpHighPages = high };
        using var machine = new Machine(frames, cpus: 3, vm);
        List<(uint, int)> atBoot = machine.FreeBlocks();
        var model = new Model(frames);
        for (int i = 0; i < ops.Length; i++)
        {
            Apply(machine, model, ops[i]);
            if (i % 97 == 0)
                AllocatorChecker.Check(machine, model.InUse());
        }

        AllocatorChecker.Check(machine, model.InUse());
        while (model.Blocks.Count != 0)
            Free(machine, model, 0, cpu: 0);
        machine.Allocator.DrainAll();
        Assert.Equal(atBoot, machine.FreeBlocks());
        AllocatorChecker.Check(machine, []);
        Assert.Equal(
            machine.Stat[VmEvent.PgFree],
            Allocated.Sum(zone => machine.Stat[zone]));
    }

    private static void Apply(Machine machine, Model model, Op op)
    {
        if (op.Kind == 0)
            Alloc(machine, model, op);
        else if (op.Kind == 1 && model.Blocks.Count != 0)
            Free(machine, model, (int)(op.Pick % (uint)model.Blocks.Count), op.Cpu);
        else if (op.Kind == 2 && op.Pick % 3 == 0)
            machine.Allocator.DrainCpu(op.Cpu);
        else if (op.Kind == 2)
            machine.Allocator.DecayCpu(op.Cpu);
    }

    private static void Alloc(Machine machine, Model model, Op op)
    {
        FramePlace place = (op.Gfp & GfpFlags.Movable) != 0 ? FramePlace.Anon : FramePlace.Kernel;
        Pfn pfn = machine.Alloc(op.Order, op.Gfp, place, op.Cpu);
        if (pfn.IsNone)
            return;
        Assert.Equal(0u, pfn.Value & ((1u << op.Order) - 1));
        Zone zone = machine.Allocator.ZoneOf(pfn);
        Assert.InRange(pfn.Value + (1u << op.Order), zone.StartPfn.Value + 1, zone.EndPfn.Value);
        Assert.True((op.Gfp & GfpFlags.Dma) == 0 || zone.Type == ZoneType.Dma);
        Assert.Equal(1, machine.Map[pfn].RefCount);
        model.Take(pfn.Value, op.Order);
    }

    private static void Free(Machine machine, Model model, int index, int cpu)
    {
        (uint pfn, int order) = model.Return(index);
        machine.Free(new Pfn(pfn), order, cpu);
    }

    private sealed record Op(int Kind, int Cpu, int Order, GfpFlags Gfp, uint Pick);

    private sealed class Model(uint frames)
    {
        private readonly bool[] used = new bool[frames];

        public List<(uint Pfn, int Order)> Blocks { get; } = [];

        public void Take(uint pfn, int order)
        {
            for (uint i = pfn; i < pfn + (1u << order); i++)
            {
                Assert.False(used[i] || i == 0, $"frame {i} was handed out twice");
                used[i] = true;
            }

            Blocks.Add((pfn, order));
        }

        public (uint Pfn, int Order) Return(int index)
        {
            (uint pfn, int order) = Blocks[index];
            Blocks[index] = Blocks[^1];
            Blocks.RemoveAt(Blocks.Count - 1);
            used.AsSpan((int)pfn, 1 << order).Clear();
            return (pfn, order);
        }

        public List<uint> InUse()
        {
            var pfns = new List<uint>();
            for (uint pfn = 0; pfn < used.Length; pfn++)
            {
                if (used[pfn])
                    pfns.Add(pfn);
            }

            return pfns;
        }
    }
}
