using System.Globalization;
using LinuxMem.Abi;
using LinuxMem.Mm.Proc.Process;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Proc;

/// <summary>What /proc tells of a machine that swaps.</summary>
public sealed class SwapTextsSpec : IDisposable
{
    private const ulong At = KernelRig.Arena;
    private const int Pages = 1500;

    private readonly KernelRig rig = new(megabytes: 4, vm: KernelRig.PromisesAll, swapAreas:
    [
        new SwapAreaSettings { Path = "/dev/vdb1", Pages = 257, Priority = 5 },
        new SwapAreaSettings { Path = "/swapfile", Pages = 1025, FirstSector = 8192 },
    ]);

    private readonly TaskStruct task;

    public SwapTextsSpec()
    {
        task = rig.Start(image: new ImageSpec());
        rig.Map(task, At, Pages);
        for (ulong i = 0; i < Pages; i++)
            Assert.True(rig.AccessWaiting(task, At + (i * rig.Page), AccessKind.Write));
        rig.Steps(3);
        Assert.True(task.Mm.SwapEntries > 300, $"{task.Mm.SwapEntries} pages are in swap");
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void Status_and_smaps_tell_what_a_process_has_in_swap()
    {
        long kb = task.Mm.SwapEntries * 4;
        Assert.Equal(kb, Sum("/proc/self/status", "VmSwap"));
        foreach (string name in (string[])["smaps", "smaps_rollup"])
        {
            Assert.Equal(kb, Sum("/proc/self/" + name, "Swap"));
            Assert.Equal(kb, Sum("/proc/self/" + name, "SwapPss"));
        }

        // Two children, of which each shares every slot.
        rig.Fork(task);
        rig.Fork(task);
        rig.Kernel.Proc.Context.NowNs++;
        Assert.Equal(kb, Sum("/proc/self/smaps", "Swap"));
        Assert.InRange(Sum("/proc/self/smaps", "SwapPss"), (kb / 3) - 2, kb / 3);
    }

    [Fact]
    public void Shared_memory_in_swap_belongs_to_who_maps_it()
    {
        ulong shared = At + 0x4000_0000;
        rig.Map(task, shared, 100, flags: MapFlags.Shared | MapFlags.Anonymous);
        for (ulong i = 0; i < 100; i++)
            Assert.True(rig.AccessWaiting(task, shared + (i * rig.Page), AccessKind.Write));
        for (ulong i = 0; i < Pages; i++)
            Assert.True(rig.AccessWaiting(task, At + (i * rig.Page), AccessKind.Read));
        int swapped = task.Mm.Vmas.Tree.Find(shared)!.Mapping!.Swapped?.Count ?? 0;
        Assert.True(swapped > 0);
        Assert.Equal((task.Mm.SwapEntries + swapped) * 4, Sum("/proc/self/smaps", "Swap"));
        Assert.Equal(task.Mm.SwapEntries * 4, Sum("/proc/self/smaps", "SwapPss"));
    }

    [Fact]
    public void Swaps_has_a_line_for_each_area()
    {
        long used = rig.Memory.Swap.UsedSlotsOf(1) * 4;
        Assert.Equal("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
            + "/dev/vdb1                               partition\t1024\t\t1024\t\t5\n"
            + $"/swapfile                               file\t\t4096\t\t{used}\t\t-2\n", Text("/proc/swaps"));
        Assert.Equal(rig.Memory.Swap.TotalSlots - rig.Memory.Swap.FreeSlots, 256 + (used / 4));
        Assert.True(used > 0);
    }

    [Fact]
    public void Meminfo_sysinfo_and_zoneinfo_agree_about_swap_and_the_lists()
    {
        Assert.Equal((256 + 1024) * 4, Sum("/proc/meminfo", "SwapTotal"));
        Assert.Equal(rig.Memory.Swap.FreeSlots * 4, Sum("/proc/meminfo", "SwapFree"));
        VmStat stat = rig.Memory.Stat;
        Assert.Equal(stat[VmEvent.NrSwapCached] * 4, Sum("/proc/meminfo", "SwapCached"));
        Assert.Equal((stat[VmEvent.NrFilePages] - stat[VmEvent.NrSwapCached]) * 4, Sum("/proc/meminfo", "Cached"));
        foreach (string list in (string[])["active", "inactive"])
        {
            string field = (list == "active" ? "Active" : "Inactive") + "(anon)";
            Assert.Equal(Sum("/proc/meminfo", field), 4 * Counters("/proc/zoneinfo", $"nr_zone_{list}_anon"));
            Assert.Equal(Sum("/proc/meminfo", field), 4 * Counters("/proc/vmstat", $"nr_{list}_anon"));
        }

        Assert.Equal(task.Mm.RssAnon + stat[VmEvent.NrSwapCached] - SwapCachedMapped(),
            Counters("/proc/vmstat", "nr_active_anon") + Counters("/proc/vmstat", "nr_inactive_anon")
            + Counters("/proc/vmstat", "nr_isolated_anon"));
    }

    [Fact]
    public void Pagemap_names_the_slots()
    {
        long swapped = 0;
        for (ulong i = 0; i < Pages; i++)
        {
            ulong entry = PagemapFile.EntryOf(rig.Memory, task.Mm, At + (i * rig.Page));
            if ((entry & PagemapFile.Swap) == 0)
                continue;
            swapped++;
            Assert.Equal(0UL, entry & PagemapFile.Present);
            Assert.InRange(entry & 31, 0UL, 1UL);
            Assert.InRange((entry & ((1UL << 55) - 1)) >> 5, 1UL, 1024UL);
        }

        Assert.Equal(task.Mm.SwapEntries, swapped);
    }

    [Fact]
    public void Pagemap_tells_guards()
    {
        rig.Map(task, At + 0x4000_0000, 1);
        rig.Call(task, SyscallNr.Madvise, At + 0x4000_0000, rig.Page, (ulong)Advice.GuardInstall);
        // As Linux 6.18 shows it.
        Assert.Equal(0x440000000000009fUL, PagemapFile.EntryOf(rig.Memory, task.Mm, At + 0x4000_0000));
    }

    [Fact]
    public void Mincore_finds_what_the_swap_cache_has()
    {
        ulong swapped = At;
        while (!rig.Geometry.Format.IsSwap(rig.Entry(task.Mm, swapped)))
            swapped += rig.Page;
        Assert.Equal(0, Resident(swapped));
        rig.Serve(new Trap(TrapKind.PageFault, task, rig.At(0), swapped, AccessKind.Read));
        rig.CompleteIo();
        Assert.True(rig.Geometry.Format.IsSwap(rig.Entry(task.Mm, swapped)));
        Assert.Equal(1, Resident(swapped));
    }

    private int Resident(ulong va)
    {
        var operands = new SyscallOperands { BuffersUnknown = true, WantsCopied = true };
        rig.Trap(task, new SyscallRequest
        {
            Nr = SyscallNr.Mincore,
            A0 = va,
            A1 = rig.Page,
            A2 = At,
            Operands = operands,
        });
        Assert.Equal(0, task.Result.Value);
        return operands.Copied[0];
    }

    private long SwapCachedMapped()
    {
        long count = 0;
        for (ulong i = 0; i < Pages; i++)
        {
            ulong entry = rig.Entry(task.Mm, At + (i * rig.Page));
            if (rig.Kernel.IsMapped(entry)
                && (rig.Memory.Map[new(rig.Geometry.Format.PfnOf(entry))].Flags & MemMaps.PageFlags.SwapCached) != 0)
                count++;
        }

        return count;
    }

    private string Text(string path) => Recording.TextOf(rig.Kernel.Proc, path, task);

    private long Sum(string path, string field) => Values(path, field + ":").Sum();

    private long Counters(string path, string name) => Values(path, name).Sum();

    private IEnumerable<long> Values(string path, string first) => Text(path).Split('\n')
        .Select(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        .Where(words => words.Length > 1 && words[0] == first)
        .Select(words => long.Parse(words[1], CultureInfo.InvariantCulture));
}
