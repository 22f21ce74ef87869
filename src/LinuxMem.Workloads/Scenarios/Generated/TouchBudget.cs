namespace LinuxMem.Workloads.Scenarios.Generated;

/// <summary>
/// What the programs of one scenario may touch in large pieces, in pages: a few machines that thrash for long would
/// take as much time as all others together.
/// </summary>
internal sealed class TouchBudget
{
    private const long Pages = 1500;

    /// <summary>What a step touches that finds nothing left.</summary>
    public const ulong Scarce = 4;

    private long left = Pages;

    /// <summary>Takes so many; false if they are not left.</summary>
    public bool TrySpend(ulong count)
    {
        if (count <= Scarce)
            return true;
        left -= (long)count;
        return left >= 0;
    }
}
