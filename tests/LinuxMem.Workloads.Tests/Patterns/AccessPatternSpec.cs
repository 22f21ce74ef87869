using LinuxMem.Abi;
using LinuxMem.Simulation;
using LinuxMem.Workloads.Patterns;

namespace LinuxMem.Workloads.Tests.Patterns;

public sealed class AccessPatternSpec
{
    private const ulong Start = 0x10_0000_0000;

    private static readonly PatternSpec[] All =
    [
        new SequentialSpec(), new SequentialSpec(0), new SequentialSpec(4160, Backward: true), new UniformSpec(),
        new ZipfSpec(new ZipfTable(990)), new ChaseSpec(), new HotColdSpec(), new ShiftSpec(8192, 4096, 100),
    ];

    public static TheoryData<int, int, int> Cases()
    {
        var cases = new TheoryData<int, int, int>();
        for (int i = 0; i < All.Length; i++)
        {
            foreach (int bytes in new[] { 8, 24, 4096, 5000, 12288, 1 << 20 })
            {
                cases.Add(i, bytes, 0);
                cases.Add(i, bytes, 30);
                cases.Add(i, bytes, 100);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_access_is_an_aligned_word_inside_the_target(int pattern, int bytes, int write)
    {
        IAccessPattern walk = Create(All[pattern], (ulong)bytes, new AccessMix(AccessKind.Read, write), 5);
        var batch = new AccessBatch(12);
        foreach (int count in new[] { 1, 7, 500, 5000 })
        {
            batch.Reset();
            int added = walk.Add(batch, count);
            List<(AccessKind Kind, ulong Va)> accesses = Accesses(batch);
            Assert.Equal(added, accesses.Count);
            Assert.InRange(added, Math.Min(count, 4000), count);
            foreach ((AccessKind kind, ulong va) in accesses)
            {
                Assert.Equal(0UL, va % 8);
                Assert.InRange(va, Start, Start + (ulong)bytes - 8);
                Assert.True(write != 0 || kind == AccessKind.Read);
                Assert.True(write != 100 || kind == AccessKind.Write);
            }
        }
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    [InlineData(7)]
    public void The_same_seed_gives_the_same_accesses(int pattern)
    {
        var mix = new AccessMix(AccessKind.Read, 30);
        List<(AccessKind, ulong)> once = Take(Create(All[pattern], 1 << 20, mix, 5), 3000);
        Assert.Equal(once, Take(Create(All[pattern], 1 << 20, mix, 5), 3000));
        Assert.NotEqual(once, Take(Create(All[pattern], 1 << 20, mix, 6), 3000));
    }

    [Fact]
    public void The_numbers_are_the_same_on_every_machine()
    {
        // Golden: a change here changes the digest of every run.
        var digest = new Digest();
        foreach (PatternSpec spec in All)
        {
            IAccessPattern walk = Create(spec, 3 << 20, new AccessMix(AccessKind.Read, 30), 1);
            foreach ((AccessKind kind, ulong va) in Take(walk, 2000))
            {
                digest.Add((ulong)kind);
                digest.Add(va);
            }
        }

        Assert.Equal("83b03736d0a68701", digest.ToString());
    }

    [Fact]
    public void Sequential_accesses_of_one_kind_are_one_row()
    {
        var batch = new AccessBatch(12);
        Create(new SequentialSpec(), 1 << 20, AccessMix.Writes, 1).Add(batch, 100_000);
        AccessRun run = Assert.Single(batch.Runs.Take(batch.RunCount));
        Assert.Equal((Start, 8L, 100_000, AccessKind.Write), (run.Start, run.Stride, run.Count, run.Kind));
    }

    [Fact]
    public void A_backward_walk_goes_from_the_last_position_to_the_first_and_round()
    {
        IAccessPattern walk = Create(new SequentialSpec(16, Backward: true), 64, AccessMix.Reads, 1);
        Assert.Equal([48UL, 32, 16, 0, 48, 32], Take(walk, 6).Select(a => a.Va - Start));
    }

    [Fact]
    public void The_share_of_writes_is_as_asked()
    {
        int writes = Take(Create(new UniformSpec(), 1 << 20, new AccessMix(AccessKind.Read, 30), 9), 100_000)
            .Count(a => a.Kind == AccessKind.Write);
        Assert.InRange(writes, 29_000, 31_000);
    }

    [Fact]
    public void Uniform_hits_every_page_about_equally()
    {
        int[] pages = Pages(new UniformSpec(), 64, 64_000);
        Assert.All(pages, hits => Assert.InRange(hits, 800, 1200));
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(5), InlineData(64), InlineData(65), InlineData(1000)]
    public void A_chase_visits_every_page_once_a_round_in_the_same_order(int pages)
    {
        IAccessPattern walk = Create(new ChaseSpec(), (ulong)pages << 12, AccessMix.Reads, 3);
        List<ulong> first = Take(walk, pages).ConvertAll(a => a.Va);
        Assert.Equal(pages, first.Select(va => va >> 12).Distinct().Count());
        Assert.Equal(first, Take(walk, pages).ConvertAll(a => a.Va));
        if (pages >= 64)
            Assert.True(first.Zip(first.Skip(1)).Count(p => p.Second >> 12 == (p.First >> 12) + 1) < pages / 4);
    }

    [Fact]
    public void Zipf_follows_the_law()
    {
        int[] hits = Pages(new ZipfSpec(new ZipfTable(1000)), 100, 200_000);
        Array.Sort(hits, (a, b) => b - a);
        double harmonic = Enumerable.Range(1, 100).Sum(k => 1.0 / k);
        for (int rank = 1; rank <= 10; rank++)
            Assert.InRange(hits[rank - 1], 0.93 * 200_000 / (harmonic * rank), 1.07 * 200_000 / (harmonic * rank));
    }

    [Theory]
    [InlineData(0), InlineData(500), InlineData(1000), InlineData(1337), InlineData(4000)]
    public void Zipf_weights_are_powers_of_the_rank(int thousandths)
    {
        var table = new ZipfTable(thousandths);
        for (int rank = 1; rank < ZipfTable.RanksMax; rank += 97)
        {
            double weight = (table.TotalOf(rank + 1) - table.TotalOf(rank)) / (double)table.TotalOf(1);
            Assert.Equal(Math.Pow(rank + 1, -thousandths / 1000.0), weight, 1e-11);
        }
    }

    [Fact]
    public void A_place_belongs_to_the_rank_whose_weights_cover_it()
    {
        foreach (int thousandths in new[] { 0, 990, 4000 })
        {
            var table = new ZipfTable(thousandths);
            for (int rank = 1; rank < ZipfTable.RanksMax; rank += 61)
            {
                Assert.Equal(rank, table.RankAt(table.TotalOf(rank)));
                Assert.Equal(rank - 1, table.RankAt(table.TotalOf(rank) - 1));
            }
        }
    }

    [Fact]
    public void Zipf_over_more_pages_than_ranks_reaches_all_groups()
    {
        var spec = new ZipfSpec(new ZipfTable(0));
        List<(AccessKind, ulong Va)> walk = Take(Create(spec, 1UL << 30, AccessMix.Reads, 2), 200_000);
        Assert.Equal(1024, walk.Select(a => (a.Va - Start) >> 20).Distinct().Count());
        Assert.True(walk.Select(a => a.Va & 0xfff).Distinct().Count() > 400);
    }

    [Fact]
    public void Hot_and_cold_parts_get_their_shares()
    {
        int[] hits = Pages(new HotColdSpec(10, 90), 100, 100_000);
        Assert.InRange(hits.Take(10).Sum(), 89_000, 91_000);
        Assert.All(hits.Skip(10), h => Assert.InRange(h, 60, 170));
        Assert.Equal(50_000, Pages(new HotColdSpec(100, 0), 10, 50_000).Sum());
    }

    [Fact]
    public void A_shifting_window_moves_on_and_wraps_round()
    {
        IAccessPattern walk = Create(new ShiftSpec(8192, 4096, 1000), 4 << 12, AccessMix.Reads, 4);
        for (int shift = 0; shift < 6; shift++)
        {
            ulong[] pages = Take(walk, 1000).Select(a => (a.Va - Start) >> 12).Distinct().Order().ToArray();
            Assert.Equal(new[] { (ulong)shift % 4, (ulong)(shift + 1) % 4 }.Order(), pages);
        }
    }

    private static int[] Pages(PatternSpec spec, int pages, int count)
    {
        int[] hits = new int[pages];
        foreach ((_, ulong va) in Take(Create(spec, (ulong)pages << 12, AccessMix.Reads, 11), count))
            hits[(va - Start) >> 12]++;
        return hits;
    }

    private static IAccessPattern Create(PatternSpec spec, ulong bytes, AccessMix mix, ulong seed) =>
        spec.Create(new AccessTarget(Start, bytes, 12), mix, seed);

    private static List<(AccessKind Kind, ulong Va)> Take(IAccessPattern walk, int count)
    {
        var all = new List<(AccessKind Kind, ulong Va)>();
        var batch = new AccessBatch(12);
        while (all.Count < count)
        {
            batch.Reset();
            walk.Add(batch, count - all.Count);
            all.AddRange(Accesses(batch));
        }

        return all;
    }

    private static List<(AccessKind Kind, ulong Va)> Accesses(AccessBatch batch)
    {
        var all = new List<(AccessKind Kind, ulong Va)>();
        for (int i = 0; i < batch.RunCount; i++)
        {
            AccessRun run = batch.Runs[i];
            for (int j = 0; j < run.Count; j++)
            {
                ulong entry = run.IsScatter ? batch.Scatter[(int)run.Start + j] : 0;
                all.Add(run.IsScatter
                    ? (ScatterEntry.KindOf(entry), ScatterEntry.AddressOf(entry))
                    : (run.Kind, run.Start + (ulong)(j * run.Stride)));
            }
        }

        return all;
    }
}
