using LinuxMem.Abi;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Workloads.WillItScale;

/// <summary>
/// One copy of a test: gets ready, waits until all are, then does the same again and again until the run ends.
/// </summary>
/// <remarks>
/// A test is written as the C program is: each <c>yield return</c> carries out what was put into the batch. What a call
/// returned is in <see cref="Result"/> then.
/// </remarks>
public abstract class ScaleTask : IProgram
{
    /// <summary>The exit code of a copy whose call failed.</summary>
    public const int ErrorExitCode = 1;

    private const ulong AbsoluteTime = 1; // TIMER_ABSTIME
    private readonly IEnumerator<bool> steps;
    private SyscallResult last;

    /// <summary>A copy of a test.</summary>
    private protected ScaleTask() => steps = All();

    /// <summary>Operations done since all copies began.</summary>
    public long Operations { get; private protected set; }

    /// <summary>Which copy it is, from 0.</summary>
    public int Number { get; init; }

    /// <summary>When all copies begin; -1 for at once.</summary>
    public long BeginNs { get; init; } = -1;

    /// <summary>From the first to the last to begin, in nanoseconds.</summary>
    public ulong BeginSpreadNs { get; internal set; } = 1;

    /// <inheritdoc/>
    public string Comm { get; init; } = "will-it-scale";

    /// <inheritdoc/>
    public ImageSpec Image => ImageSpec.Default;

    /// <summary>What it was started with.</summary>
    private protected ProgramStart Origin { get; private set; }

    /// <summary>The batch to fill.</summary>
    private protected AccessBatch Batch { get; private set; } = null!;

    /// <summary>What the last call returned.</summary>
    private protected ulong Result => (ulong)last.Value;

    private protected ulong PageBytes => 1UL << Origin.PageShift;

    /// <inheritdoc/>
    public void Start(in ProgramStart start) => Origin = start;

    /// <inheritdoc/>
    public void Next(AccessBatch batch, in SyscallResult result)
    {
        Batch = batch;
        last = result;
        bool failed = last.IsError;
        if (failed || !steps.MoveNext())
            Call(SyscallNr.ExitGroup, failed ? ErrorExitCode : 0UL);
    }

    /// <summary>Whether it stays on one CPU.</summary>
    private protected virtual bool IsPinned => true;

    /// <summary>What is done before all copies begin.</summary>
    private protected virtual IEnumerator<bool> Prepare()
    {
        yield break;
    }

    /// <summary>What is done over and over, counting <see cref="Operations"/>.</summary>
    private protected abstract IEnumerator<bool> Run();

    /// <summary>Makes a system call.</summary>
    private protected bool Call(SyscallNr nr, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0, ulong a4 = 0,
        string? file = null, SyscallOperands? operands = null, IProgram? child = null)
    {
        Batch.SetCall(new SyscallRequest
        {
            Nr = nr,
            A0 = a0,
            A1 = a1,
            A2 = a2,
            A3 = a3,
            A4 = a4,
            File = file,
            Operands = operands,
            Child = child,
        });
        return true;
    }

    /// <summary>Maps anonymous memory, or a file.</summary>
    private protected bool Mmap(ulong bytes, bool shared = false, string? file = null)
    {
        MapFlags flags = (shared ? MapFlags.Shared : MapFlags.Private) | (file is null ? MapFlags.Anonymous : 0);
        return Call(SyscallNr.Mmap, 0, bytes, (ulong)(ProtFlags.Read | ProtFlags.Write), (ulong)flags, ulong.MaxValue,
            file);
    }

    /// <summary>Accesses one word of each of so many pages.</summary>
    private protected bool Touch(AccessKind kind, ulong start, int pages = 1)
    {
        Batch.AddRun(kind, start, (long)PageBytes, pages);
        return true;
    }

    // They do not leave a barrier in the order of their CPUs: a queue for a lock would keep that order for good.
    private ulong LateNs() =>
        new RandomStream(RandomStream.Derive(Origin.Seed, "begin", (ulong)Number)).Below(BeginSpreadNs);

    // Each copy has its CPU, as in will-it-scale (new_task_affinity).
    private bool Pin()
    {
        var mask = new ulong[(Number / 64) + 1];
        mask[^1] = 1UL << (Number % 64);
        return Call(SyscallNr.SchedSetaffinity, 0, (ulong)mask.Length * 8,
            operands: new SyscallOperands { Words = mask, BuffersUnknown = true });
    }

    private IEnumerator<bool> All()
    {
        for (IEnumerator<bool> prepare = Prepare(); prepare.MoveNext();)
            yield return true;
        if (BeginNs >= 0 && IsPinned)
            yield return Pin();
        if (BeginNs >= 0)
            yield return Call(SyscallNr.ClockNanosleep, 1, AbsoluteTime, (ulong)BeginNs + LateNs());
        for (IEnumerator<bool> run = Run(); run.MoveNext();)
            yield return true;
    }
}
