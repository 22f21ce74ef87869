using LinuxMem.Mm.Lru;
using LinuxMem.Mm.Swap;

namespace LinuxMem.Mm.Tests.Lru;

/// <summary>What is remembered of pages that have left.</summary>
public class ShadowsSpec
{
    private const int Most = 4;
    private readonly Shadows shadows = new(Most);

    [Fact]
    public void Pages_that_come_and_go_are_known_each_time_as_long_as_there_is_room()
    {
        for (uint round = 1; round <= 20; round++)
        {
            for (uint page = 0; page < Most; page++)
            {
                Assert.Equal(round == 1 ? 0UL : round - 1, shadows.Take(1, page));
                shadows.Put(1, page, round);
            }
        }

        Assert.Equal(Most, shadows.Count);
    }

    [Fact]
    public void The_one_that_left_first_is_forgotten_first()
    {
        for (uint page = 0; page <= Most; page++)
            shadows.Put(1, page, 7);
        shadows.Put(1, 1, 8);
        shadows.Put(1, Most + 1, 9);
        Assert.Equal(0UL, shadows.Take(1, 0));
        Assert.Equal(0UL, shadows.Take(1, 2));
        Assert.Equal(8UL, shadows.Take(1, 1));
        Assert.Equal(9UL, shadows.Take(1, Most + 1));
    }

    [Fact]
    public void A_page_in_swap_is_known_for_as_long_as_it_is_there()
    {
        for (uint slot = 1; slot <= 100 * Most; slot++)
            shadows.Put(new SwapEntry(0, slot), slot);
        for (uint slot = 1; slot <= 100 * Most; slot++)
            Assert.Equal((ulong)slot, shadows.Take(new SwapEntry(0, slot)));
        Assert.Equal(0UL, shadows.Take(new SwapEntry(0, 1)));
    }
}
