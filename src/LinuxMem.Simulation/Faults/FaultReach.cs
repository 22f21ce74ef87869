namespace LinuxMem.Simulation.Faults;

/// <summary>
/// How often fault points were passed, by site, operation and phase: what was never passed proves nothing.
/// </summary>
public sealed class FaultReach
{
    private const int Phases = 3;
    private readonly Cell[]?[] cells = new Cell[FaultSite.All.Count][];

    /// <summary>A site was passed.</summary>
    public void Pass(FaultSite site, FaultOperation operation, FaultPhase phase, bool failed)
    {
        Cell[] row = cells[site.Index] ??= new Cell[FaultOperation.Count * Phases];
        ref Cell cell = ref row[(operation.Index * Phases) + (int)phase];
        cell.Passed++;
        cell.Failed += failed ? 1 : 0;
    }

    /// <summary>What was passed at all, in the order of sites, operations and phases.</summary>
    public IReadOnlyList<FaultReached> List()
    {
        var list = new List<FaultReached>();
        foreach (FaultSite site in FaultSite.All)
        {
            if (cells[site.Index] is not { } row)
                continue;
            for (int i = 0; i < row.Length; i++)
            {
                if (row[i].Passed > 0)
                    list.Add(new FaultReached(site, FaultOperation.At(i / Phases), (FaultPhase)(i % Phases),
                        row[i].Passed, row[i].Failed));
            }
        }

        return list;
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
