using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Lru;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Lru;

/// <summary>Page ages as Linux 2.0 kept them, in a kernel with processes.</summary>
public sealed class ProcessAgingSpec
{
    private const ulong At = KernelRig.Arena;

    [Theory]
    [InlineData(10, 4), InlineData(128, 4), InlineData(160, 5), InlineData(3200, 100)]
    public void A_process_gives_a_32nd_of_its_resident_set_at_a_time_and_at_least_4_pages(long rss, int pages) =>
        Assert.Equal(pages, ProcessAgingPolicy.ClusterSize(rss));

    [Fact]
    public void A_large_process_loses_more_than_a_small_one()
    {
        using KernelRig rig = Rig();
        TaskStruct large = rig.Start(), small = rig.Start();
        Fill(rig, small, 100);
        Fill(rig, large, 1300);
        rig.Steps(5);
        Assert.True(large.Mm.SwapEntries > 4 * small.Mm.SwapEntries,
            $"{large.Mm.SwapEntries} and {small.Mm.SwapEntries} left");
        Assert.True(small.Mm.SwapEntries > 0);
    }

    [Fact]
    public void A_use_adds_3_to_a_pages_age_up_to_20_and_a_turn_without_takes_1()
    {
        using var walk = new OneProcess(2);
        var ages = new List<(int, int)>();
        for (int turn = 0; turn < 9; turn++)
        {
            walk.Used = turn < 7 ? [true, turn == 1] : [false, false];
            ages.Add((walk.AgeOf(0), walk.AgeOf(1)));
            var request = new ScanRequest { Wanted = 1, Priority = 12, MaySwap = true };
            walk.Lru.Select(ref request, walk.Victims);
        }

        Assert.Equal([(3, 3), (6, 2), (9, 5), (12, 4), (15, 3), (18, 2), (20, 1), (20, 0), (20, 0)], ages);
        Assert.Equal([new Pfn(2)], walk.Victims);
    }

    [Fact]
    public void What_is_used_at_every_turn_stays()
    {
        using KernelRig rig = Rig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1300);
        long cameBack = 0;
        for (ulong i = 0; i < 4000; i++)
        {
            Assert.True(rig.AccessWaiting(task, At + (i % 1300 * rig.Page), AccessKind.Write));
            for (ulong hot = 0; hot < 32 && i % 8 == 0; hot++)
            {
                bool isThere = (rig.Entry(task.Mm, At + (hot * rig.Page)) & rig.Geometry.Format.Present) != 0;
                cameBack += isThere || i < 1300 ? 0 : 1;
                Assert.True(rig.AccessWaiting(task, At + (hot * rig.Page), AccessKind.Read));
            }
        }

        Assert.Equal(0, cameBack);
        Assert.True(rig.Memory.Stat[VmEvent.PswpIn] > 1000);
    }

    [Fact]
    public void A_clean_page_that_has_a_slot_costs_no_second_write()
    {
        using KernelRig rig = Rig();
        TaskStruct task = rig.Start();
        Fill(rig, task, 1300);
        // Round after round of reads alone: every page comes and goes, and has its slot from before.
        for (int round = 0; round < 2; round++)
            Read(rig, task, 1300);
        long writes = rig.Memory.Stat[VmEvent.PswpOut], reads = rig.Memory.Stat[VmEvent.PswpIn];
        Read(rig, task, 1300);
        Assert.True(rig.Memory.Stat[VmEvent.PswpIn] - reads > 200);
        Assert.Equal(writes, rig.Memory.Stat[VmEvent.PswpOut]);
    }

    [Theory]
    [InlineData(KernelEra.Classic, false), InlineData(KernelEra.Linux6, true)]
    public void Memory_shared_since_a_fork_leaves_only_where_there_is_rmap(KernelEra era, bool leaves)
    {
        using KernelRig rig = Rig(era);
        TaskStruct parent = rig.Start();
        Fill(rig, parent, 300);
        rig.Fork(parent);
        TaskStruct other = rig.Start();
        Fill(rig, other, 1000);
        Assert.Equal(leaves, parent.Mm.SwapEntries > 0);
        Assert.True(other.Mm.SwapEntries > 0);
    }

    [Fact]
    public void A_page_of_a_file_leaves_one_process_while_another_uses_it()
    {
        using KernelRig rig = Rig();
        TaskStruct idle = rig.Start(), busy = rig.Start();
        foreach (TaskStruct task in (TaskStruct[])[idle, busy])
        {
            rig.Map(task, At, 16, ProtFlags.Read, MapFlags.Private, "/lib/x");
            for (ulong i = 0; i < 16; i++)
                Assert.True(rig.AccessWaiting(task, At + (i * rig.Page), AccessKind.Read));
        }

        TaskStruct eater = rig.Start();
        rig.Map(eater, At, 1400);
        for (ulong i = 0; i < 1400; i++)
        {
            Assert.True(rig.AccessWaiting(eater, At + (i * rig.Page), AccessKind.Write));
            if (i % 4 == 0)
                Assert.True(rig.AccessWaiting(busy, At + (i / 4 % 16 * rig.Page), AccessKind.Read));
        }

        Assert.True(idle.Mm.RssFile < busy.Mm.RssFile, $"{idle.Mm.RssFile} of {busy.Mm.RssFile}");
    }

    private static void Fill(KernelRig rig, TaskStruct task, ulong pages)
    {
        rig.Map(task, At, pages);
        for (ulong i = 0; i < pages; i++)
            Assert.True(rig.AccessWaiting(task, At + (i * rig.Page), AccessKind.Write));
    }

    private static void Read(KernelRig rig, TaskStruct task, ulong pages)
    {
        for (ulong i = 0; i < pages; i++)
            Assert.True(rig.AccessWaiting(task, At + (i * rig.Page), AccessKind.Read));
    }

    private static KernelRig Rig(KernelEra era = KernelEra.Classic) =>
        new(megabytes: 4, vm: KernelRig.PromisesAll with { PageCluster = 0 },
            swapAreas: [new SwapAreaSettings { Pages = 4001 }], era: era, replacement: "aging");

    /// <summary>One process that maps the frames from 1 on, in their order.</summary>
    private sealed class OneProcess : IProcessWalk, IWalkedProcess, IPageReferences, IDisposable
    {
        private readonly MemMap map;
        private readonly int pages;
        private int next;

        public OneProcess(int pages)
        {
            this.pages = pages;
            map = new MemMap((uint)pages + 1);
            var context = new PolicyContext(map, this, new VmStat(), new VmSettings(), 12, 10, 7) { Processes = this };
            Lru = new Lruvec(map, Policies.Make("aging", context));
            for (uint pfn = 1; pfn <= pages; pfn++)
            {
                map[new Pfn(pfn)] = new PageFrame { Place = FramePlace.Anon, MapCount = 1, RefCount = 1 };
                Lru.Add(new Pfn(pfn));
            }
        }

        public Lruvec Lru { get; }

        public List<Pfn> Victims { get; } = [];

        public bool[] Used { get; set; } = [];

        public int Count => 1;

        public int Id => 1;

        public long Rss => pages;

        public int SwapCount { get; set; }

        public int AgeOf(int page) => map[new Pfn((uint)page + 1)].Age;

        public IWalkedProcess? NextAfter(int id) => id < 1 ? this : null;

        public Pfn Next(IWalkedProcess process, out bool accessed)
        {
            accessed = next < pages && Used[next];
            if (next < pages)
                return new Pfn((uint)++next);
            next = 0;
            return Pfn.None;
        }

        public void Drop() => throw new InvalidOperationException();

        public void Finish()
        {
        }

        public int TestAndClear(Pfn page, out bool executable, out bool locked)
        {
            executable = locked = false;
            return 0;
        }

        public PageKind KindOf(Pfn page) => PageKind.Anon;

        public void Dispose() => map.Dispose();
    }
}
