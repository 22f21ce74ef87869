using System.Globalization;

namespace LinuxMem.Cli.Calibration;

/// <summary>What a test of will-it-scale came to on the host.</summary>
/// <param name="PerSecond">Operations a second, in the best turn.</param>
/// <param name="SpreadPercent">How much worse the worst turn was.</param>
/// <param name="Preempted">How often others took a CPU away.</param>
internal readonly record struct HostPoint(double PerSecond, int SpreadPercent, long Preempted)
{
    // Five turns of a tenth of a second: the kernel's own threads come by a few times, another program always.
    private const int SpreadMost = 15;
    private const long PreemptedMost = 60;

    /// <summary>Whether the host had other things to do, so that the number says nothing.</summary>
    public bool IsNoisy => SpreadPercent > SpreadMost || Preempted > PreemptedMost;
}

/// <summary>What hostscale.c measured: tests with 1 and 2 tasks, as processes and as threads.</summary>
internal sealed class HostScale
{
    private readonly Dictionary<(string Test, string Mode, int Tasks), HostPoint> points = [];

    /// <summary>Reads what the program printed.</summary>
    /// <exception cref="InvalidDataException">It is not what that program prints.</exception>
    public HostScale(string output)
    {
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("- ", StringComparison.Ordinal))
                Refusal = line[2..];
            else
                Read(line);
        }
    }

    /// <summary>Why nothing could be measured; null if it was.</summary>
    public string? Refusal { get; }

    /// <summary>The tests, as the program names them.</summary>
    public IReadOnlyList<string> Tests { get; } = ["page_fault1", "page_fault2", "page_fault3", "mmap1", "brk1"];

    /// <summary>A measurement.</summary>
    /// <exception cref="InvalidDataException">It was not made.</exception>
    public HostPoint Of(string test, string mode, int tasks) => points.TryGetValue((test, mode, tasks), out var point)
        ? point : throw new InvalidDataException($"calibrate: {test} in {tasks} {mode} was not measured");

    private void Read(string line)
    {
        string[] words = line.Split(' ');
        var exact = CultureInfo.InvariantCulture;
        if (words.Length != 6 || !int.TryParse(words[2], NumberStyles.None, exact, out int tasks)
            || !double.TryParse(words[3], NumberStyles.None, exact, out double rate) || rate <= 0
            || !int.TryParse(words[4], NumberStyles.None, exact, out int spread)
            || !long.TryParse(words[5], NumberStyles.None, exact, out long preempted))
            throw new InvalidDataException($"calibrate: the measuring program printed '{line}'");
        points[(words[0], words[1], tasks)] = new HostPoint(rate, spread, preempted);
    }
}
