using LinuxMem.Reporting.Text;

namespace LinuxMem.Reporting.Tests;

public sealed class UnitsSpec
{
    [Theory]
    [InlineData(0, "0 ns")]
    [InlineData(999, "999 ns")]
    [InlineData(1_000, "1.00 us")]
    [InlineData(3_400_000, "3.40 ms")]
    [InlineData(34_000_000, "34.0 ms")]
    [InlineData(999_499_999, "999 ms")]
    [InlineData(999_500_000, "1.00 s")]
    [InlineData(7_200_000_000_000, "7200 s")]
    public void A_duration_has_three_digits(long ns, string expected) => Assert.Equal(expected, Units.Duration(ns));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1_023, "1023 B")]
    [InlineData(1_024, "1.00 KiB")]
    [InlineData(1_288_490_189, "1.20 GiB")]
    [InlineData(67_108_864, "64.0 MiB")]
    [InlineData(long.MaxValue, "8.00 EiB")]
    public void A_size_in_bytes_has_binary_units(long bytes, string expected) =>
        Assert.Equal(expected, Units.Bytes(bytes));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(812, "812K")]
    [InlineData(65_400, "63.9M")]
    [InlineData(1_048_575, "1.00G")]
    public void A_size_in_KiB_is_short(long kib, string expected) => Assert.Equal(expected, Units.Kib(kib));

    [Theory]
    [InlineData(9_999_999, "9,999,999")]
    [InlineData(-5, "-5")]
    [InlineData(34_567_890, "34.6 M")]
    [InlineData(1_234_567_890_123, "1.23 T")]
    public void A_count_is_exact_below_ten_million(long count, string expected) =>
        Assert.Equal(expected, Units.Count(count));

    [Theory]
    [InlineData(1, 3, 1, "33.3%")]
    [InlineData(1, 3, 0, "33%")]
    [InlineData(0, 0, 1, "-")]
    [InlineData(5, 5, 2, "100.00%")]
    public void A_share_of_nothing_is_a_dash(long part, long whole, int decimals, string expected) =>
        Assert.Equal(expected, Units.Percent(part, whole, decimals));

    [Theory]
    [InlineData(12, "12 calls/s")]
    [InlineData(28_100_000, "28.1 M calls/s")]
    public void A_rate_is_scaled(double perSecond, string expected) =>
        Assert.Equal(expected, Units.Rate(perSecond, "calls"));
}
