namespace LinuxMem.Benchmarks.Measuring;

/// <summary>One measured number, with the bound that it must keep, if any.</summary>
internal sealed record Figure(string Bench, string What, double Value, string Unit)
{
    public double? AtLeast { get; init; }

    public double? AtMost { get; init; }

    public bool Met => !(Value < AtLeast) && !(Value > AtMost);
}
