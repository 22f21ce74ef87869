using LinuxMem.Mm.Proc;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Kernel;

/// <summary>
/// Moments at which the machine stands still: to take /proc down, for a memory error, or for good. No CPU runs past one
/// before it is
/// reached, so what is seen there does not depend on the window.
/// </summary>
public sealed class PausePoints
{
    private readonly Mm.Kernel kernel;
    private readonly IReadOnlyList<long> procAtNs;
    private readonly long endNs;
    private readonly List<ProcTree> trees = [];
    private readonly MemoryErrors errors;

    /// <summary>Those of a scenario.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="kernel">Its kernel.</param>
    /// <param name="beforeMoves">Has what was stored by now put into RAM.</param>
    public PausePoints(Scenario scenario, Mm.Kernel kernel, Action beforeMoves)
    {
        this.kernel = kernel;
        procAtNs = scenario.Engine.ProcAtNs;
        endNs = scenario.EndNs ?? long.MaxValue;
        errors = new MemoryErrors(scenario.Faults.MemoryErrors, kernel, beforeMoves);
        Plan();
    }

    /// <summary>The next one; <see cref="long.MaxValue"/> if none is left.</summary>
    public long NextNs { get; private set; }

    /// <summary>Whether the moment was reached at which the scenario wants the run to end.</summary>
    public bool RunIsOver { get; private set; }

    /// <summary>What was taken down so far.</summary>
    public IReadOnlyList<ProcTree> Trees => trees;

    /// <summary>
    /// The machine has come to a moment: everything before it has happened, nothing at it or after it has.
    /// </summary>
    public void Reach(long nowNs)
    {
        while (NextNs <= nowNs && !RunIsOver)
        {
            if (errors.NextNs == NextNs && NextNs != long.MaxValue)
                errors.Happen();
            else if (IsProcNext())
                TakeProc(procAtNs[trees.Count]);
            else
                RunIsOver = true;
            Plan();
        }
    }

    /// <summary>The machine has come to rest, perhaps before some of the moments: they show its end.</summary>
    public void End(long nowNs)
    {
        while (IsProcNext())
            TakeProc(Math.Min(nowNs, procAtNs[trees.Count]));
        NextNs = long.MaxValue;
    }

    /// <summary>The machine has stopped for good before its time.</summary>
    public void Stop(long nowNs)
    {
        End(nowNs);
        RunIsOver = true;
    }

    // Of equal moments, what is to be seen comes before the end.
    private bool IsProcNext() => trees.Count < procAtNs.Count && procAtNs[trees.Count] <= endNs;

    private void Plan() => NextNs = RunIsOver
        ? long.MaxValue : Math.Min(errors.NextNs, IsProcNext() ? procAtNs[trees.Count] : endNs);

    private void TakeProc(long atNs) =>
        trees.Add(new ProcTree(atNs, [.. ProcExport.Read(kernel.Proc, atNs)], ProcExport.Links));
}
