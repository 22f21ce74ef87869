using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Lru;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Lru;

/// <summary>
/// What every policy promises, by drawn moments against a model that knows which pages the policy has. Whether its
/// choices are good is not looked at.
/// </summary>
public sealed class ReplacementPolicySpec
{
    private const uint Frames = 200;
    private const int Batch = 32;

    public static TheoryData<string> Names => [.. Policies.Names];

    [Fact]
    public void The_names_of_the_settings_are_those_of_the_policies()
    {
        Assert.Equal(ReplacementNames.All, Policies.Names);
        using var rig = new Rig("two-list");
        Assert.All(Policies.Names, name => Assert.Equal(name, Policies.Make(name, rig.Context).Name));
        Assert.Throws<ConfigurationException>(() => ReplacementNames.Check("opt"));
        Assert.Contains("two-list", Assert.Throws<ConfigurationException>(() => ReplacementNames.Check("x")).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Pages_are_handed_out_once_and_counted(string name)
    {
        for (ulong seed = 1; seed <= 8; seed++)
        {
            using var rig = new Rig(name);
            var random = new RandomStream(seed);
            for (int i = 0; i < 3000; i++)
            {
                rig.Step(ref random);
                if (i % 16 == 0)
                    rig.CheckCounts();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void All_pages_leave_in_the_end_though_all_were_used(string name)
    {
        using var rig = new Rig(name);
        for (uint pfn = 1; pfn < Frames; pfn++)
            rig.Add(new Pfn(pfn), used: true);
        for (int round = 0; round < 100 && rig.Held.Count > 0; round++)
        {
            for (int priority = 12; priority >= 0; priority--)
                rig.Select(10, priority, maySwap: true);
        }

        Assert.Empty(rig.Held);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_locked_stays_and_so_does_what_has_no_swap(string name)
    {
        if (name == ReplacementNames.Optimum)
            return; // knows neither: reference strings have none
        using var rig = new Rig(name);
        for (uint pfn = 1; pfn < Frames; pfn++)
            rig.Add(new Pfn(pfn), used: false, locked: pfn % 3 == 0);
        for (int round = 0; round < 50; round++)
            rig.Select(Batch, 0, maySwap: false);
        Assert.All(rig.Held, pfn => Assert.True(pfn % 3 == 0 || Rig.IsAnon(pfn)));
        Assert.All(rig.Victims, page => Assert.True(page.Value % 3 != 0 && !Rig.IsAnon(page.Value)));
        for (int round = 0; round < 50; round++)
            rig.Select(Batch, 0, maySwap: true);
        Assert.All(rig.Held, pfn => Assert.Equal(0u, pfn % 3));
    }

    private sealed class Rig : IPageReferences, IDisposable
    {
        private readonly MemMap map = new(Frames);
        private readonly bool[] accessed = new bool[Frames];
        private readonly bool[] locked = new bool[Frames];
        private readonly ulong[] shadows = new ulong[Frames];
        private readonly Lruvec lru;

        public Rig(string name)
        {
            Context = new PolicyContext(map, this, new VmStat(), new VmSettings(), 12, 10, 7);
            lru = new Lruvec(map, Policies.Make(name, Context));
        }

        public PolicyContext Context { get; }

        public SortedSet<uint> Held { get; } = [];

        public List<Pfn> Victims { get; } = [];

        public static bool IsAnon(uint pfn) => pfn % 2 == 0;

        public int TestAndClear(Pfn page, out bool executable, out bool isLocked)
        {
            executable = page.Value % 5 == 0;
            isLocked = locked[page.Value];
            bool was = accessed[page.Value];
            accessed[page.Value] = false;
            return was ? 1 : 0;
        }

        public PageKind KindOf(Pfn page) => IsAnon(page.Value) ? PageKind.Anon : PageKind.File;

        public void Add(Pfn page, bool used, bool locked = false)
        {
            this.locked[page.Value] = locked;
            accessed[page.Value] = used;
            map[page].Flags = IsAnon(page.Value) ? PageFlags.SwapBacked : PageFlags.None;
            lru.Add(page, shadows[page.Value]);
            Assert.True(Held.Add(page.Value));
        }

        public void Select(int wanted, int priority, bool maySwap)
        {
            int before = Victims.Count;
            var request = new ScanRequest { Wanted = wanted, Priority = priority, MaySwap = maySwap };
            lru.Select(ref request, Victims);
            Assert.True(Victims.Count - before <= wanted + Batch, $"{Victims.Count - before} for {wanted}");
            Assert.True(request.Scanned >= Victims.Count - before);
            foreach (Pfn page in Victims.Skip(before))
                Assert.True(Held.Remove(page.Value), $"frame {page} was not the policy's");
        }

        public void Step(ref RandomStream random)
        {
            var page = new Pfn(1 + (uint)random.Below(Frames - 1));
            bool held = Held.Contains(page.Value);
            switch (random.Below(6))
            {
                case 0 when Victims.Count > 0:
                    End(ref random);
                    break;
                case 1:
                    Select((int)random.Below(9), (int)random.Below(13), maySwap: true);
                    break;
                case 2 when held:
                    lru.Touch(page);
                    break;
                case 3 when held && random.Percent(20):
                    lru.Remove(page);
                    Held.Remove(page.Value);
                    break;
                case 4 or 5 when !held && !Victims.Contains(page):
                    Add(page, random.Percent(50));
                    break;
                default:
                    accessed[page.Value] = true;
                    break;
            }
        }

        public void CheckCounts()
        {
            long anon = lru.Count(PageKind.Anon, false) + lru.Count(PageKind.Anon, true);
            long file = lru.Count(PageKind.File, false) + lru.Count(PageKind.File, true);
            Assert.Equal(Held.Count(IsAnon), anon);
            Assert.Equal(Held.Count - anon, file);
            for (uint pfn = 1; pfn < Frames; pfn++)
                Assert.Equal(Held.Contains(pfn), (map[new Pfn(pfn)].Flags & PageFlags.Lru) != 0);
            CheckLists();
        }

        private void CheckLists()
        {
            var listed = new List<Pfn>();
            foreach (PageKind kind in (PageKind[])[PageKind.Anon, PageKind.File])
            {
                foreach (bool active in (bool[])[false, true])
                {
                    int before = listed.Count;
                    lru.List(kind, active, listed);
                    Assert.Equal(lru.Count(kind, active), listed.Count - before);
                    Assert.All(listed[before..], page => Assert.Equal(kind == PageKind.Anon, IsAnon(page.Value)));
                }
            }

            Assert.Equal(Held.Order(), listed.Select(page => page.Value).Order());
        }

        public void Dispose() => map.Dispose();

        private void End(ref RandomStream random)
        {
            int at = (int)random.Below((ulong)Victims.Count);
            Pfn page = Victims[at];
            Victims.RemoveAt(at);
            if (random.Percent(50))
            {
                lru.Return(page, (KeepReason)random.Below(4));
                Held.Add(page.Value);
                return;
            }

            shadows[page.Value] = lru.Evict(page);
            map[page] = default;
        }
    }
}
