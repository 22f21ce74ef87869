using LinuxMem.Simulation.Results;

namespace LinuxMem.Actors.Machine;

/// <summary>What the machine tells and leaves its owner, who looks at it from another thread.</summary>
/// <remarks>
/// A machine's RAM is the owner's to free, after the last actor has ended: when a run is cut short, the kernel may end
/// while a CPU still carries out a batch.
/// </remarks>
public sealed class RunOutcome : IDisposable
{
    private readonly IProgress<RunProgress>? progress;
    private volatile RunResult? result;
    private volatile IDisposable? machine;

    /// <summary>An outcome to come; progress, if wanted, is reported on the machine's thread.</summary>
    public RunOutcome(IProgress<RunProgress>? progress) => this.progress = progress;

    /// <summary>The result; null until the run has ended.</summary>
    public RunResult? Result => result;

    /// <summary>Whether progress is wanted.</summary>
    public bool WantsProgress => progress is not null;

    /// <summary>The run goes on.</summary>
    public void GoesOn(RunProgress news) => progress?.Report(news);

    /// <summary>The run has ended.</summary>
    public void Ended(RunResult final) => result = final;

    /// <summary>Leaves what the machine is made of, to be disposed of at the end.</summary>
    public void Leave(IDisposable parts) => machine = parts;

    /// <summary>Disposes of the machine. Precondition: none of its actors runs any more.</summary>
    public void Dispose() => machine?.Dispose();
}
