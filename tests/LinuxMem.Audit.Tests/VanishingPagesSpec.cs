using LinuxMem.Audit.Oracle;

namespace LinuxMem.Audit.Tests;

/// <summary>What may be read of memory that its owner has given up (MADV_FREE), or lets go (MAP_DROPPABLE).</summary>
public class VanishingPagesSpec
{
    private readonly ContentOracle pages = new(12, 12);
    private readonly ContentOracle words = new(12, 3);

    [Fact]
    public void What_was_freed_reads_as_before_or_as_zeros()
    {
        Fill(pages);
        pages.Vanish(1, 0x1000, 0x3000, always: false);
        Assert.Null(pages.Load(1, 0x1000, 5));
        Assert.False(pages.HasVanished);
        Assert.NotNull(pages.Load(1, 0x1000, 6));
        Assert.Null(pages.Load(1, 0x1000, 0));
        Assert.True(pages.HasVanished);
        // What has gone does not come back.
        Assert.NotNull(pages.Load(1, 0x1000, 5));
        Assert.Null(pages.Load(1, 0x2000, 6));
        Assert.NotNull(pages.Load(1, 0x3000, 0));
    }

    [Fact]
    public void What_is_stored_to_stays()
    {
        Fill(pages);
        pages.Vanish(1, 0x1000, 0x3000, always: false);
        pages.Store(1, 0x1000, 9);
        Assert.NotNull(pages.Load(1, 0x1000, 0));
        Assert.Null(pages.Load(1, 0x1000, 9));
    }

    [Fact]
    public void A_page_goes_as_a_whole()
    {
        Fill(words);
        words.Store(1, 0x1008, 7);
        words.Vanish(1, 0x1000, 0x2000, always: false);
        Assert.Null(words.Load(1, 0x1000, 0));
        Assert.NotNull(words.Load(1, 0x1008, 7));
    }

    [Fact]
    public void What_lies_beside_a_store_is_one_or_the_other_for_good()
    {
        foreach (bool gone in (bool[])[true, false])
        {
            ContentOracle oracle = new(12, 3);
            Fill(oracle);
            oracle.Store(1, 0x1008, 7);
            oracle.Vanish(1, 0x1000, 0x2000, always: false);
            oracle.Store(1, 0x1010, 8);
            Assert.NotNull(oracle.Load(1, 0x1010, 0));
            Assert.Null(oracle.Load(1, 0x1000, gone ? 0UL : 5));
            Assert.Null(oracle.Load(1, 0x1008, gone ? 0UL : 7));
            Assert.NotNull(oracle.Load(1, 0x1008, gone ? 7UL : 0));
            Assert.Null(oracle.Load(1, 0x1010, 8));
        }
    }

    [Fact]
    public void A_child_has_it_the_same_way_and_moves_take_it_along()
    {
        Fill(words);
        words.Vanish(1, 0x1000, 0x2000, always: false);
        words.Fork(1, 2);
        words.Move(2, 0x1000, 0x9000, 0x1000);
        Assert.Null(words.Load(2, 0x9000, 0));
        Assert.Null(words.Load(1, 0x1000, 5));
        words.Map(1, 0x1000, 0x2000, shared: false, 0, 0);
        words.Store(1, 0x1000, 3);
        Assert.NotNull(words.Load(1, 0x1000, 0));
    }

    [Fact]
    public void Droppable_memory_may_go_at_any_time()
    {
        Fill(words);
        words.Vanish(1, 0x1000, 0x2000, always: true);
        for (ulong i = 1; i < 4; i++)
        {
            words.Store(1, 0x1000, i);
            Assert.Null(words.Load(1, 0x1000, i));
            Assert.Null(words.Load(1, 0x1000, 0));
            Assert.NotNull(words.Load(1, 0x1000, i));
        }

        Assert.NotNull(words.Load(1, 0x2000, 0));
    }

    private static void Fill(ContentOracle oracle)
    {
        oracle.Map(1, 0x1000, 0x4000, shared: false, 0, 0);
        for (ulong page = 1; page < 4; page++)
            oracle.Store(1, page << 12, 4 + page);
    }
}
