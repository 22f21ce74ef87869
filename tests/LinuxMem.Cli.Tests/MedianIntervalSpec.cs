using LinuxMem.Cli.Calibration;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Cli.Tests;

public class MedianIntervalSpec
{
    // The tables of the sign test: 6 values, the extremes; 10, the second of either end; 20, the sixth; 50, the 18th.
    [Theory]
    [InlineData(6, 1, 6)]
    [InlineData(8, 1, 8)]
    [InlineData(9, 2, 8)]
    [InlineData(10, 2, 9)]
    [InlineData(20, 6, 15)]
    [InlineData(50, 18, 33)]
    public void Its_bounds_are_those_of_the_sign_test(int count, int low, int high)
    {
        MedianInterval interval = MedianInterval.Of([.. Enumerable.Range(1, count).Reverse().Select(i => (double)i)]);
        Assert.Equal((count, low, high, (count + 1) / 2.0),
            (interval.Count, interval.Low, interval.High, interval.Median));
    }

    [Fact]
    public void The_median_is_between_them_in_95_of_100_samples()
    {
        var random = new RandomStream(5);
        int inside = 0;
        for (int sample = 0; sample < 1_000; sample++)
        {
            double[] values = new double[15];
            for (int i = 0; i < values.Length; i++)
                values[i] = Math.Pow(random.NextDouble(), 3); // of a skewed kind, with its median at 1/8
            MedianInterval interval = MedianInterval.Of(values);
            inside += interval.Low <= 0.125 && interval.High >= 0.125 ? 1 : 0;
        }

        Assert.InRange(inside, 945, 1_000);
    }

    [Fact]
    public void Too_few_values_have_none() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => MedianInterval.Of([1, 2, 3, 4, 5]));
}
