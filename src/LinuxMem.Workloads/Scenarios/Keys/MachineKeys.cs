using System.Collections.Immutable;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of the machine.</summary>
internal static class MachineKeys
{
    private const ulong MemoryMin = 1UL << 18;
    private const ulong MemoryMax = 16UL << 40;

    private static readonly IReadOnlyList<(string, ContentMode)> ContentModes =
        [("none", ContentMode.None), ("tags", ContentMode.Tags), ("bytes", ContentMode.Bytes)];

    private static readonly IReadOnlyList<(string, KernelEra)> Eras =
        [("linux-6", KernelEra.Linux6), ("classic", KernelEra.Classic)];

    /// <summary>The machine of a scenario or a profile.</summary>
    public static Shape<MachineSettings> Shape { get; } = new NamedShape<MachineSettings>("machine", MakeOnce());

    private static Func<Shape<MachineSettings>> MakeOnce()
    {
        Shape<MachineSettings> shape = Make();
        return () => shape;
    }

    private static ObjectShape<MachineSettings> Make()
    {
        var usual = new MachineSettings();
        var kernel = Key.Optional("kernel", new ChoiceShape<KernelEra>(Eras), usual.Kernel,
            "Whose rules the allocator and the caches follow: those of Linux 6.18, or of Linux 2.0.");
        var cpus = Key.Optional("cpus", new CountShape(1, 1024), (ulong)usual.Cpus, "Number of CPUs.");
        var memory = Key.Optional("memory", new SizeShape(MemoryMin, MemoryMax), usual.MemoryBytes,
            "RAM, a whole number of pages.");
        var paging = Key.Optional("paging",
            new ChoiceShape<PagingGeometry>([.. PagingGeometry.All.Select(g => (g.Name, g))]), usual.Paging,
            "Shape of the page tables.");
        var contents = Key.Optional("contents", new ChoiceShape<ContentMode>(ContentModes), usual.Contents,
            "How much of the contents of memory is kept: nothing, a tag for each frame, or every byte.");
        var slice = Key.Optional("slice", new TimeShape(1_000, 10_000_000_000), (ulong)usual.SliceNs,
            "Time slice of the scheduler.");
        var tlb = Key.Optional("tlb", TlbKeys.Shape(), usual.Tlb, "The CPUs' translation caches.");
        (MmuCosts Mmu, KernelCosts Kernel) usualCosts = (usual.MmuCosts, usual.KernelCosts);
        var costs = Key.Optional("costs", CostKeys.Shape(), usualCosts,
            "What things cost in virtual time, in whole nanoseconds.");
        var replacement = Key.Optional("replacement",
            new ChoiceShape<string>([.. ReplacementNames.InMachines.Select(name => (name, name))]), usual.Replacement,
            "Which pages leave when memory is short: the page replacement policy.");
        var disks = Key.Optional("disks", DiskKeys.Shape(), [],
            "The disks; files lie on the first. Without any, files are read and written in no time.");
        var swap = Key.Optional("swap", SwapKeys.Shape(), [],
            "The swap areas, at the ends of their disks. Without any, memory that is full kills.");
        var swappiness = Key.Optional("swappiness", new CountShape(0, 200), (ulong)usual.Vm.Swappiness,
            "vm.swappiness: how dear reading files back is, compared with swap; 0 swaps only when files are gone.");
        var pageCluster = Key.Optional("pageCluster", new CountShape(0, 5), (ulong)usual.Vm.PageCluster,
            "vm.page-cluster: swap is read at most 2^n pages at a time.");
        var locks = Key.Optional("locks", LockKeys.Shape(), usual.Locks, "The kernel's locks.");
        Key<KsmSettings> ksm = KsmKeys.Make();
        VmKeys vm = VmKeys.Make();
        Key[] keys =
        [
            kernel, cpus, memory, paging, contents, slice, replacement, .. vm.All, disks, swap, swappiness, pageCluster,
            ksm, tlb, costs, locks,
        ];
        return new ObjectShape<MachineSettings>("the machine", keys, v =>
        {
            CheckMemory(v, memory, v.Get(paging));
            KsmKeys.Check(v, ksm, v.Get(contents));
            ImmutableArray<BlockDeviceSettings> devices = CheckedDisks(v, disks);
            var areas = new List<SwapAreaSettings>();
            if (!SwapKeys.TryPlace(v.Get(swap), devices, v.Get(paging), areas, out string problem))
                v.Fail(swap, problem);
            return new MachineSettings
            {
                Kernel = v.Get(kernel),
                Cpus = (int)v.Get(cpus),
                MemoryBytes = v.Get(memory),
                Paging = v.Get(paging),
                Contents = v.Get(contents),
                SliceNs = (long)v.Get(slice),
                Tlb = v.Get(tlb),
                MmuCosts = v.Get(costs).Mmu,
                KernelCosts = v.Get(costs).Kernel,
                Vm = vm.Settings(v) with
                {
                    Swappiness = (int)v.Get(swappiness),
                    PageCluster = (int)v.Get(pageCluster),
                },
                Ksm = v.Get(ksm),
                Replacement = v.Get(replacement),
                Locks = v.Get(locks),
                Disks = devices.IsEmpty ? usual.Disks : devices,
                Swap = areas.Count == 0 ? usual.Swap : areas,
            };
        });
    }

    private static ImmutableArray<BlockDeviceSettings> CheckedDisks(
        KeyValues v, Key<ImmutableArray<BlockDeviceSettings>> disks)
    {
        ImmutableArray<BlockDeviceSettings> devices = v.Get(disks);
        if (devices.Select(d => d.Name).Distinct().Count() < devices.Length)
            v.Fail(disks, "two of the \"disks\" have the same name; expected a \"name\" for one of them");
        return devices;
    }

    private static void CheckMemory(KeyValues v, Key<ulong> memory, PagingGeometry paging)
    {
        ulong bytes = v.Get(memory);
        if ((bytes & paging.PageOffsetMask) != 0)
        {
            v.Fail(memory, $"\"memory\" is {bytes} bytes with pages of {paging.PageBytes} bytes; "
                + "expected a whole number of pages");
            return;
        }

        // The most that fits in an entry of the page table; and frame numbers are kept in 32 bits.
        ulong framesMax = Math.Min(uint.MaxValue, (paging.Format.PfnMask >> paging.Format.PfnShift) + 1);
        if (bytes >> paging.PageShift <= framesMax)
            return;
        string most = SizeShape.Format(framesMax << paging.PageShift);
        v.Fail(memory, $"\"memory\" is {SizeShape.Format(bytes)}, more than \"{paging.Name}\" can address; "
            + $"expected at most {most}");
    }
}
