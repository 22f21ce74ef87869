using System.Globalization;

namespace LinuxMem.Cli.Calibration;

/// <summary>A slice of a test on the host.</summary>
/// <param name="PerSecond">Operations a second, of all tasks.</param>
/// <param name="LostPermille">
/// The share of it for which a task could have run and others had its CPU; negative if the kernel does not tell.
/// </param>
internal readonly record struct HostSlice(double PerSecond, double LostPermille)
{
    // While one of two tasks is away the other has no contention: a twentieth of that changes a ratio by as much.
    private const double LostMost = 50;

    /// <summary>Whether it counts.</summary>
    public bool Counts => LostPermille is >= 0 and <= LostMost;
}

/// <summary>What hostscale.c measured: rounds of slices of tests with 1 and 2 tasks, of either mode.</summary>
/// <remarks>
/// A ratio is taken within a round, between slices that follow each other, and the median over the rounds counts: what
/// slows the host down for longer than a round is in both, and what comes and goes is in a few. Slices that others
/// disturbed are left out.
/// </remarks>
internal sealed class HostScale
{
    private readonly Dictionary<HostCase, List<HostSlice>> slices = [];

    /// <summary>Why nothing could be measured; null if it was.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The tests, as the program names them.</summary>
    public IReadOnlyList<string> Tests { get; } = ["page_fault1", "page_fault2", "page_fault3", "mmap1", "brk1"];

    /// <summary>Rounds so far.</summary>
    public int Rounds => slices.GetValueOrDefault(Line)?.Count ?? 0;

    private static HostCase Line => new("line", "processes", 2);

    /// <summary>Adds what the program printed of some more rounds.</summary>
    /// <exception cref="InvalidDataException">It is not what that program prints.</exception>
    public void Add(string output)
    {
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("- ", StringComparison.Ordinal))
                Refusal = line[2..];
            else
                AddSlice(line);
        }
    }

    /// <summary>
    /// What two cases do, one over the other, in the rounds in which both count; null if those are too few.
    /// </summary>
    /// <exception cref="InvalidDataException">They were not measured equally often.</exception>
    public MedianInterval? Ratio(HostCase of, HostCase over)
    {
        List<HostSlice> ofSlices = SlicesOf(of), overSlices = SlicesOf(over);
        if (ofSlices.Count != overSlices.Count)
            throw new InvalidDataException($"calibrate: rounds of {of.Test} are not complete");
        var ratios = new List<double>();
        for (int i = 0; i < ofSlices.Count; i++)
        {
            if (ofSlices[i].Counts && overSlices[i].Counts)
                ratios.Add(ofSlices[i].PerSecond / overSlices[i].PerSecond);
        }

        return ratios.Count < MedianInterval.LeastValues ? null : MedianInterval.Of(ratios);
    }

    /// <summary>
    /// How long a cache line took from one CPU to the other in these rounds, in nanoseconds; null if that is not known.
    /// </summary>
    public double? LineNs()
    {
        double[] ns = [.. SlicesOf(Line).Where(slice => slice.Counts).Select(slice => 1e9 / slice.PerSecond)];
        return ns.Length < MedianInterval.LeastValues ? null : MedianInterval.Of(ns).Median;
    }

    /// <summary>
    /// How much longer a call of a test of threads takes if two make it at a time than if one makes it, in nanoseconds;
    /// null if that is not known.
    /// </summary>
    public double? MoreNs(string test)
    {
        var two = new HostCase(test, "threads", 2);
        List<HostSlice> ofOne = SlicesOf(two with { Tasks = 1 }), ofTwo = SlicesOf(two);
        var more = new List<double>();
        for (int i = 0; i < Math.Min(ofOne.Count, ofTwo.Count); i++)
        {
            if (ofOne[i].Counts && ofTwo[i].Counts)
                more.Add((1e9 / ofTwo[i].PerSecond) - (1e9 / ofOne[i].PerSecond));
        }

        return more.Count < MedianInterval.LeastValues ? null : MedianInterval.Of(more).Median;
    }

    private List<HostSlice> SlicesOf(HostCase of) => slices.TryGetValue(of, out List<HostSlice>? found)
        ? found : throw new InvalidDataException($"calibrate: {of.Test} in {of.Tasks} {of.Mode} was not measured");

    private void AddSlice(string line)
    {
        string[] words = line.Split(' ');
        CultureInfo exact = CultureInfo.InvariantCulture;
        if (words.Length != 5 || !int.TryParse(words[2], NumberStyles.None, exact, out int tasks)
            || !double.TryParse(words[3], NumberStyles.None, exact, out double rate) || rate <= 0
            || !double.TryParse(words[4], NumberStyles.AllowLeadingSign, exact, out double lost))
            throw new InvalidDataException($"calibrate: the measuring program printed '{line}'");
        var key = new HostCase(words[0], words[1], tasks);
        if (!slices.TryGetValue(key, out List<HostSlice>? list))
            slices.Add(key, list = []);
        list.Add(new HostSlice(rate, lost));
    }
}

/// <summary>A test as it is run.</summary>
/// <param name="Test">Its name.</param>
/// <param name="Mode">"processes" or "threads".</param>
/// <param name="Tasks">How many.</param>
internal readonly record struct HostCase(string Test, string Mode, int Tasks);
