using LinuxMem.Simulation.Random;

namespace LinuxMem.Simulation.Tests.Random;

public class RandomStreamSpec
{
    /// <summary>The numbers of a separate implementation of xoshiro256** seeded through SplitMix64.</summary>
    [Theory]
    [InlineData(0, 0x99ec5f36cb75f2b4, 0xbf6e1f784956452a, 0x1a5f849d4933e6e0, 0x6aa594f1262d2d2c)]
    [InlineData(1, 0xb3f2af6d0fc710c5, 0x853b559647364cea, 0x92f89756082a4514, 0x642e1c7bc266a3a7)]
    [InlineData(42, 0x15780b2e0c2ec716, 0x6104d9866d113a7e, 0xae17533239e499a1, 0xecb8ad4703b360a1)]
    public void The_numbers_are_those_of_xoshiro256ss(ulong seed, ulong a, ulong b, ulong c, ulong d)
    {
        var stream = new RandomStream(seed);
        Assert.Equal([a, b, c, d], Draw(ref stream, 4));
    }

    [Theory]
    [InlineData(1, "task", 0, 0x913facec903216e1)]
    [InlineData(1, "task", 1, 0xcbf3c7434c51e42e)]
    [InlineData(1, "tlb", 0, 0x63996fcb30e835f6)]
    [InlineData(2, "task", 0, 0x8248d041475dfef8)]
    public void Seeds_of_named_streams_never_change(ulong seed, string name, ulong index, ulong expected) =>
        Assert.Equal(expected, RandomStream.Derive(seed, name, index));

    [Fact]
    public void Seeds_of_named_streams_differ_by_run_name_and_index()
    {
        var seeds = new HashSet<ulong>();
        foreach (string name in new[] { "task", "tlb", "disk", "", "ksat" })
        {
            for (ulong seed = 0; seed < 32; seed++)
            {
                for (ulong index = 0; index < 64; index++)
                    Assert.True(seeds.Add(RandomStream.Derive(seed, name, index)), $"{seed} {name} {index}");
            }
        }
    }

    [Fact]
    public void Neighbouring_streams_have_nothing_in_common()
    {
        var first = new RandomStream(RandomStream.Derive(1, "task", 1));
        var second = new RandomStream(RandomStream.Derive(1, "task", 2));
        int equalBits = 0;
        for (int i = 0; i < 1000; i++)
            equalBits += 64 - System.Numerics.BitOperations.PopCount(first.Next() ^ second.Next());
        // 64,000 fair coins: the mean is 32,000, the standard deviation 126.
        Assert.InRange(equalBits, 32_000 - 800, 32_000 + 800);
    }

    [Fact]
    public void A_draw_from_one_stream_moves_no_other()
    {
        var alone = new RandomStream(5);
        var beside = new RandomStream(5);
        var other = new RandomStream(6);
        for (int i = 0; i < 10; i++)
        {
            other.Next();
            Assert.Equal(alone.Next(), beside.Next());
        }
    }

    [Fact]
    public void A_copy_repeats_its_original()
    {
        var stream = new RandomStream(9);
        stream.Next();
        RandomStream copy = stream;
        Assert.Equal(Draw(ref stream, 5), Draw(ref copy, 5));
    }

    [Fact]
    public void Below_scales_the_draw_to_the_bound()
    {
        var stream = new RandomStream(7);
        var drawn = new ulong[8];
        for (int i = 0; i < drawn.Length; i++)
            drawn[i] = stream.Below(10);
        Assert.Equal([7UL, 2, 8, 9, 9, 8, 0, 1], drawn);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    public void Below_gives_each_number_as_often_as_the_others(int bound)
    {
        const int PerNumber = 10_000;
        var stream = new RandomStream(3);
        var seen = new int[bound];
        for (int i = 0; i < PerNumber * bound; i++)
            seen[stream.Below((ulong)bound)]++;
        // Five standard deviations of a count of 10,000.
        Assert.All(seen, count => Assert.InRange(count, PerNumber - 500, PerNumber + 500));
    }

    [Fact]
    public void Below_reaches_the_whole_range_of_a_huge_bound()
    {
        var stream = new RandomStream(11);
        ulong least = ulong.MaxValue, most = 0;
        for (int i = 0; i < 1000; i++)
        {
            ulong drawn = stream.Below(ulong.MaxValue);
            least = Math.Min(least, drawn);
            most = Math.Max(most, drawn);
        }

        Assert.True(least < ulong.MaxValue / 100 && most > ulong.MaxValue / 100 * 99);
    }

    [Fact]
    public void Doubles_are_from_0_to_below_1()
    {
        var stream = new RandomStream(7);
        Assert.Equal(0.7005764821796896, stream.NextDouble());
        Assert.Equal(0.2787512294737843, stream.NextDouble());
        double sum = 0;
        for (int i = 0; i < 10_000; i++)
        {
            double drawn = stream.NextDouble();
            Assert.True(drawn is >= 0 and < 1);
            sum += drawn;
        }

        Assert.InRange(sum / 10_000, 0.48, 0.52);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(100, 10_000, 10_000)]
    [InlineData(30, 2_770, 3_230)]
    public void Percent_is_true_so_often(int percent, int least, int most)
    {
        var stream = new RandomStream(13);
        int hits = 0;
        for (int i = 0; i < 10_000; i++)
            hits += stream.Percent(percent) ? 1 : 0;
        Assert.InRange(hits, least, most);
    }

    private static ulong[] Draw(ref RandomStream stream, int count)
    {
        var drawn = new ulong[count];
        for (int i = 0; i < count; i++)
            drawn[i] = stream.Next();
        return drawn;
    }
}
