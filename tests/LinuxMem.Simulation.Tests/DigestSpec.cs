using CsCheck;

namespace LinuxMem.Simulation.Tests;

public class DigestSpec
{
    [Theory]
    [InlineData("0000000000000000", new long[0])]
    [InlineData("660f9834732dffac", new long[] { 0 })]
    [InlineData("637cf87c0ef4ffe4", new long[] { 1, 2, 3 })]
    [InlineData("7045b66e0bd94ab6", new long[] { -1 })]
    public void Digests_never_change(string expected, long[] numbers) =>
        Assert.Equal(expected, Of(numbers).ToString());

    [Fact]
    public void A_text_counts_by_its_length_and_units()
    {
        var digest = default(Digest);
        digest.Add("ab");
        Assert.Equal("c5e432eacb88e975", digest.ToString());
        Assert.Equal(Of([2, 'a', 'b']).Value, digest.Value);
    }

    [Fact]
    public void Where_one_text_ends_and_the_next_begins_counts()
    {
        var first = default(Digest);
        first.Add("ab");
        first.Add("c");
        var second = default(Digest);
        second.Add("a");
        second.Add("bc");
        Assert.NotEqual(first.Value, second.Value);
    }

    [Fact]
    public void How_many_zeros_were_taken_in_counts()
    {
        var seen = new HashSet<ulong>();
        for (int count = 0; count < 100; count++)
            Assert.True(seen.Add(Of(new long[count]).Value), $"{count} zeros look like fewer");
    }

    [Fact]
    public void A_digest_is_shown_in_16_digits_in_any_culture()
    {
        Assert.Equal(16, default(Digest).ToString().Length);
        Assert.Equal(default(Digest).Value, Convert.ToUInt64(default(Digest).ToString(), 16));
    }

    [Fact]
    public void The_order_of_numbers_counts() =>
        Gen.Long.Array[2, 20].Select(Gen.Int[0, 18]).Sample((numbers, at) =>
        {
            at %= numbers.Length - 1;
            long[] swapped = [.. numbers];
            (swapped[at], swapped[at + 1]) = (swapped[at + 1], swapped[at]);
            bool same = numbers[at] == numbers[at + 1];
            return same == (Of(numbers).Value == Of(swapped).Value);
        });

    [Fact]
    public void One_bit_more_or_less_counts() =>
        Gen.Long.Array[1, 20].Select(Gen.Int[0, 19], Gen.Int[0, 63]).Sample((numbers, at, bit) =>
        {
            long[] changed = [.. numbers];
            changed[at % numbers.Length] ^= 1L << bit;
            return Of(numbers).Value != Of(changed).Value;
        });

    private static Digest Of(long[] numbers)
    {
        var digest = default(Digest);
        foreach (long number in numbers)
            digest.Add(number);
        return digest;
    }
}
