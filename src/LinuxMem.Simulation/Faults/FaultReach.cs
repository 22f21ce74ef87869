namespace LinuxMem.Simulation.Faults;

/// <summary>
/// How often fault points were passed, by site, operation and phase: what was never passed proves nothing.
/// </summary>
public sealed class FaultReach
{
    private const int Phases = 3;

    // By site, and there by operation: the number of its cells, from 1. A table of all cells is large, and of a machine
    // that lives some milliseconds nearly all stay empty.
    private readonly ushort[]?[] numbers = new ushort[FaultSite.All.Count][];
    private Cell[] cells = new Cell[64 * Phases];
    private int used;

    /// <summary>A site was passed.</summary>
    public void Pass(FaultSite site, FaultOperation operation, FaultPhase phase, bool failed)
    {
        ushort[] row = numbers[site.Index] ??= new ushort[FaultOperation.Count];
        ref ushort number = ref row[operation.Index];
        if (number == 0)
            number = Take();
        ref Cell cell = ref cells[((number - 1) * Phases) + (int)phase];
        cell.Passed++;
        cell.Failed += failed ? 1 : 0;
    }

    /// <summary>What was passed at all, in the order of sites, operations and phases.</summary>
    public IReadOnlyList<FaultReached> List()
    {
        var list = new List<FaultReached>();
        foreach (FaultSite site in FaultSite.All)
        {
            if (numbers[site.Index] is not { } row)
                continue;
            for (int operation = 0; operation < row.Length; operation++)
            {
                for (int phase = 0; row[operation] != 0 && phase < Phases; phase++)
                {
                    Cell cell = cells[((row[operation] - 1) * Phases) + phase];
                    if (cell.Passed > 0)
                        list.Add(new FaultReached(site, FaultOperation.At(operation), (FaultPhase)phase,
                            cell.Passed, cell.Failed));
                }
            }
        }

        return list;
    }

    private ushort Take()
    {
        if ((used + 1) * Phases > cells.Length)
            Array.Resize(ref cells, cells.Length * 2);
        return (ushort)++used;
    }

    private struct Cell
    {
        public long Passed;
        public long Failed;
    }
}

/// <summary>That a site was passed in an operation.</summary>
/// <param name="SiteIndex">The site, by its place in <see cref="FaultSite.All"/>.</param>
/// <param name="OperationIndex">The operation, by its place in tables.</param>
public readonly record struct FaultPassing(ushort SiteIndex, ushort OperationIndex)
{
    /// <summary>The site.</summary>
    public FaultSite Site => FaultSite.All[SiteIndex];

    /// <summary>The operation.</summary>
    public FaultOperation Operation => FaultOperation.At(OperationIndex);
}

/// <summary>How often a site was passed in an operation and phase.</summary>
/// <param name="Site">The site.</param>
/// <param name="Operation">What was going on.</param>
/// <param name="Phase">The machine's state.</param>
/// <param name="Passed">Times passed.</param>
/// <param name="Failed">Of those, how often it failed.</param>
public sealed record FaultReached(
    FaultSite Site, FaultOperation Operation, FaultPhase Phase, long Passed, long Failed);
