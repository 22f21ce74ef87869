using LinuxMem.Abi;
using LinuxMem.Workloads.Programs.Steps;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of steps that have the kernel take and give blocks of frames.</summary>
internal static class DriverStepKeys
{
    private const ulong OrderMax = 10;
    private const ulong BlocksMax = 1 << 24;

    private static readonly IReadOnlyList<(string, DriverGfp)> Gfps =
        [("kernel", DriverGfp.Kernel), ("atomic", DriverGfp.Atomic), ("nofail", DriverGfp.NoFail)];

    /// <summary>kernelAlloc.</summary>
    public static Shape<Step> Allocate()
    {
        var order = Key.Required("order", new CountShape(0, OrderMax), "A block is 2^n frames.");
        var count = Key.Optional("count", new CountShape(1, BlocksMax), 1UL, "How many blocks.");
        var name = Key.Required("as", new NameShape(MemoryStepKeys.RegionCharsMax), "A name for kernelFree.");
        var gfp = Key.Optional("gfp", new ChoiceShape<DriverGfp>(Gfps), DriverGfp.Kernel,
            "kernel can wait for reclaim and compaction (GFP_KERNEL), atomic cannot (GFP_ATOMIC), nofail waits for "
            + "ever (__GFP_NOFAIL, order 3 at most).");
        Key<Errno> expect = StepKeys.Expect();
        return new ObjectShape<Step>("a kernelAlloc step", [order, count, name, gfp, expect], v =>
            new KernelAllocStep((int)v.Get(order), v.Get(count), v.Get(gfp), v.Get(name)) { Expect = v.Get(expect) });
    }

    /// <summary>kernelFree.</summary>
    public static Shape<Step> Free()
    {
        var name = Key.Required("blocks", new NameShape(MemoryStepKeys.RegionCharsMax),
            "The name of blocks: what an earlier kernelAlloc has as \"as\".");
        var every = Key.Optional("every", new CountShape(1, BlocksMax), 1UL,
            "Every how many-th block goes, the first included; 1 for all.");
        Key<Errno> expect = StepKeys.Expect();
        return new ObjectShape<Step>("a kernelFree step", [name, every, expect], v =>
            new KernelFreeStep(v.Get(name), v.Get(every)) { Expect = v.Get(expect) });
    }
}
