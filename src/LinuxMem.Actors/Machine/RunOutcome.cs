using LinuxMem.Simulation.Results;

namespace LinuxMem.Actors.Machine;

/// <summary>What the machine tells its owner, who looks at it from another thread.</summary>
public sealed class RunOutcome
{
    private readonly IProgress<RunProgress>? progress;
    private volatile RunResult? result;

    /// <summary>An outcome to come; progress, if wanted, is reported on the machine's thread.</summary>
    public RunOutcome(IProgress<RunProgress>? progress) => this.progress = progress;

    /// <summary>The result; null until the run has ended.</summary>
    public RunResult? Result => result;

    /// <summary>The run goes on.</summary>
    public void GoesOn(RunProgress news) => progress?.Report(news);

    /// <summary>The run has ended.</summary>
    public void Ended(RunResult final) => result = final;
}
