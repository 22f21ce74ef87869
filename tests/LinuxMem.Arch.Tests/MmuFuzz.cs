using CsCheck;
using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tests.Support;
using LinuxMem.Arch.Tlbs;

namespace LinuxMem.Arch.Tests;

/// <summary>
/// One story told to three MMUs: a naive one, the real one in long runs, and the real one cut by random deadlines.
/// Geometries, shapes, policies, contents, faults, changes of tables, hidden changes, invalidations and switches of
/// address space come from the seed.
/// </summary>
public sealed class MmuFuzz
{
    [Fact]
    public void An_mmu_equals_a_naive_one_however_its_runs_are_cut() =>
        Gen.ULong.Sample(seed => new Story(seed).Tell(), iter: 200, threads: 1);

    private sealed class Story
    {
        private readonly TestRandom random;
        private readonly PagingGeometry geometry;
        private readonly TlbSettings settings;
        private readonly MmuCosts costs;
        private readonly ContentMode contents;
        private readonly ulong[] pages;
        private readonly ulong seed;

        public Story(ulong seed)
        {
            this.seed = seed;
            random = new TestRandom(seed);
            geometry = random.Of(PagingGeometry.All.AsSpan());
            contents = random.Of(ContentMode.None, ContentMode.Tags, ContentMode.Bytes);
            settings = random.Percent(40)
                ? new TlbSettings(new(Sets(), 4), Shape(), new(Sets(), 12), random.Of(4, 8), 2)
                : new TlbSettings(Shape(), Shape(), Shape(), random.Of(0, 1, 2, 8), 2);
            costs = new MmuCosts(random.Of(1, 1, 2, 7), random.Below(5), random.Below(9));
            pages = [.. Enumerable.Range(0, 24).Select(_ => Page())];
        }

        public void Tell()
        {
            using Teller naive = new(this, isNaive: true, cuts: null);
            using Teller whole = new(this, isNaive: false, cuts: null);
            using Teller cut = new(this, isNaive: false, cuts: new TestRandom(seed ^ 5));
            for (int chapter = 0; chapter < 30; chapter++)
            {
                Action<Teller> next = Chapter();
                next(naive);
                next(whole);
                next(cut);
                whole.MustEqual(naive);
                cut.MustEqual(naive);
                naive.ClearLog();
                whole.ClearLog();
                cut.ClearLog();
            }

            Assert.Equal(naive.World.Dump(), whole.World.Dump());
            Assert.Equal(naive.World.Dump(), cut.World.Dump());
        }

        private Action<Teller> Chapter()
        {
            int what = random.Below(100);
            int space = random.Below(2);
            ulong va = random.Of<ulong>(pages);
            ulong entry = Entry();
            switch (what)
            {
                case < 50:
                    ulong batchSeed = random.Next();
                    long span = random.Of(1, 20, 300, 5000);
                    ulong fix = random.Next();
                    return t => t.Run(b => Fill(b, new TestRandom(batchSeed)), span, new TestRandom(fix));
                case < 70:
                    return t => t.World.SetEntry(t.World.Mms[space], va, entry);
                case < 78:
                    long delay = random.Below(300);
                    int cpu = random.Below(2);
                    int count = 1 + random.Below(3);
                    return t => t.Hide(space, cpu, delay, va, count, entry);
                case < 86:
                    ulong pageCount = random.Of<ulong>(1, 1, 2, 5, 700, 1UL << 30);
                    return t => t.Invalidate(space, va >> geometry.PageShift, pageCount);
                case < 90:
                    return t => t.Flush(space == 0 ? null : space);
                case < 92:
                    return t => t.World.Mms[space].Shared = true;
                default:
                    return t => t.Load(space);
            }
        }

        private void Fill(AccessBatch batch, TestRandom r)
        {
            batch.Reset();
            for (int runs = 1 + r.Below(4); runs > 0; runs--)
            {
                ulong va = r.Of<ulong>(pages) + (ulong)r.Below((int)geometry.PageBytes);
                if (r.Percent(50))
                {
                    long stride = r.Of<long>(0, 1, 8, -64, 1500, 4096, -8192, 12288);
                    batch.AddRun((AccessKind)r.Below(3), va, stride, 1 + r.Below(80));
                    continue;
                }

                foreach (ref ulong entry in batch.AddScatter(1 + r.Below(100)))
                    entry = ScatterEntry.Pack(r.Of<ulong>(pages) + (ulong)r.Below(4096), (AccessKind)r.Below(3));
            }

            if (r.Percent(5))
            {
                ulong stray = r.Of(1UL << 63, geometry.TaskSize, 1UL << geometry.VirtualBits, (1UL << 58) | pages[0]);
                batch.AddRun(AccessKind.Read, stray, 8, 2);
            }
        }

        private TlbShape Shape()
        {
            var policy = (TlbReplacement)random.Below(4);
            int ways = policy == TlbReplacement.TreePlru ? random.Of(1, 2, 4, 8) : random.Of(1, 2, 3, 4, 7, 12);
            return new TlbShape(Sets(), ways, policy);
        }

        private int Sets() => random.Of(1, 2, 4);

        /// <summary>An address in one of a few neighbourhoods, so that sets and leaf tables are shared.</summary>
        private ulong Page()
        {
            ulong top = geometry.TaskSize - (geometry.PageBytes * 16);
            ulong area = random.Of(0x40_0000UL, 0x80_0000UL, 0x4000_0000UL, top);
            return area + ((ulong)random.Below(12) * geometry.PageBytes);
        }

        private ulong Entry()
        {
            PteFormat f = geometry.Format;
            if (random.Percent(10))
                return 0;
            ulong bits = (random.Percent(92) ? f.Present : 0) | (random.Percent(95) ? f.User : 0)
                | (random.Percent(70) ? f.Write : 0) | (random.Percent(25) ? f.NoExec : 0)
                | (random.Percent(50) ? f.Accessed : 0) | (random.Percent(40) ? f.Dirty : 0);
            return f.Make(500 + (uint)random.Below(100), bits);
        }

        /// <summary>One MMU with a world of its own.</summary>
        private sealed class Teller : IDisposable
        {
            private readonly Mmu? mmu;
            private readonly NaiveMmu? naive;
            private readonly TestRandom? cuts;
            private readonly AccessBatch batch;
            private readonly TaskAccesses[] tasks = [new(11, 77), new(12, 78)];
            private readonly List<string> events = [];
            private long now;
            private int loaded;
            private int served;

            public Teller(Story story, bool isNaive, TestRandom? cuts)
            {
                this.cuts = cuts;
                World = new World(story.geometry, story.contents, 2) { UpperBits = UpperBitsOf(story) };
                var r = new TestRandom(story.seed + 1);
                for (int i = 0; i < 20; i++)
                    World.Map(World.Mms[r.Below(2)], r.Of<ulong>(story.pages), 500 + (uint)r.Below(100), World.Rwx);
                batch = new AccessBatch(story.geometry.PageShift);
                if (isNaive)
                    naive = new NaiveMmu(World, story.settings, story.costs, story.seed);
                else
                    mmu = new Mmu(0, World.Ram, story.geometry, story.settings, story.costs, story.seed);
                Load(0);
            }

            public World World { get; }

            public void Load(int space)
            {
                loaded = space;
                naive?.Load(World.Mms[space], space, tasks[space]);
                mmu?.Load(World.Mms[space], (ushort)space, tasks[space]);
            }

            public void Invalidate(int space, ulong first, ulong count)
            {
                naive?.Invalidate(space, first, count);
                mmu?.Invalidate((ushort)space, first, count);
            }

            public void Flush(int? space)
            {
                naive?.Flush(space);
                if (space is { } asid)
                    mmu?.FlushAsid((ushort)asid);
                else
                    mmu?.FlushAll();
            }

            public void Hide(int space, int cpu, long delayNs, ulong va, int count, ulong entry)
            {
                MmContext mm = World.Mms[space];
                PagingLevel leaf = World.Geometry.Levels[^1];
                count = Math.Min(count, leaf.EntryCount - leaf.IndexOf(va));
                var old = new ulong[count];
                for (int i = 0; i < count; i++)
                {
                    ulong at = va + ((ulong)i * World.Geometry.PageBytes);
                    old[i] = World.Entry(mm, at);
                    World.SetEntry(mm, at, entry);
                }

                uint table = PageTableWalker.Walk(World.Ram, World.Geometry, mm.Root, va).LeafTable.Value;
                ulong vpn = va >> World.Geometry.PageShift;
                mm.History.Prune(now);
                mm.History.RecordRange(cpu, now + delayNs, vpn, table, old);
                naive?.Record(space, cpu, now + delayNs, vpn, table, old);
            }

            public void Run(Action<AccessBatch> fill, long spanNs, TestRandom fix)
            {
                fill(batch);
                MmuStop stop;
                do
                {
                    long until = now + spanNs;
                    MmuFault fault;
                    do
                    {
                        long cut = cuts is null ? until : Math.Min(until, now + 1 + cuts.Below(40));
                        stop = naive?.Run(batch, ref now, cut, out fault) ?? mmu!.Run(batch, ref now, cut, out fault);
                    }
                    while (stop == MmuStop.Deadline && now < until);
                    events.Add($"{stop} at {now} {batch.RunIndex}/{batch.DoneInRun} {fault.Address} {fault.Kind} "
                        + $"{fault.Present} {fault.NonCanonical} {fault.AccessedDirtyOnly}");
                    if (stop == MmuStop.Fault)
                        Serve(fault, fix);
                }
                while (stop == MmuStop.Fault || (stop == MmuStop.Deadline && fix.Percent(70)));
            }

            public void MustEqual(Teller model)
            {
                Assert.Equal(model.events, events);
                Assert.Equal(model.now, now);
                Assert.Equal(model.naive!.Counters, mmu!.Counters);
                List<TlbEntryInfo> entries = [];
                mmu.ExportEntries(entries);
                Assert.Equal(model.naive.Export(), entries);
                Assert.Equal(model.naive.Log, mmu.Log.Ops.ToArray());
                Assert.Equal(model.naive.Bits, mmu.Bits.Ops.ToArray());
                for (int i = 0; i < 2; i++)
                {
                    Assert.Equal(model.tasks[i].Accesses, tasks[i].Accesses);
                    Assert.Equal(model.tasks[i].StoreOrdinal, tasks[i].StoreOrdinal);
                }
            }

            public void ClearLog()
            {
                naive?.Log.Clear();
                mmu?.Log.Clear();
                World.SetBits(naive is null ? mmu!.Bits.Ops : naive.Bits.ToArray());
                naive?.Bits.Clear();
                mmu?.Bits.RemoveFirst(mmu.Bits.Count);
            }

            public void Dispose()
            {
                mmu?.Dispose();
                World.Dispose();
            }

            private static ulong? UpperBitsOf(Story story)
            {
                PteFormat f = story.geometry.Format;
                return (story.seed & 1) == 0 ? f.TableBits & ~f.Accessed : null;
            }

            /// <summary>What a kernel might do: map the page for the access, or skip the access.</summary>
            private void Serve(MmuFault fault, TestRandom fix)
            {
                bool skip = fault.NonCanonical || fault.Address.Value >= World.Geometry.TaskSize || fix.Percent(20);
                if (!skip && ++served < 4)
                {
                    PteFormat f = World.Format;
                    ulong bits = World.Rwx | f.Accessed | (fix.Percent(50) ? f.Dirty : 0);
                    World.Map(World.Mms[loaded], fault.Address.Value, 500 + (uint)fix.Below(100), bits);
                    return;
                }

                // Given up: a page whose mapping is hidden by history would trap again and again.
                served = 0;
                if (++batch.DoneInRun == batch.Runs[batch.RunIndex].Count)
                {
                    batch.RunIndex++;
                    batch.DoneInRun = 0;
                }
            }
        }
    }
}
