using LinuxMem.Abi;

namespace LinuxMem.Workloads.Programs;

/// <summary>
/// A program that runs a list of steps: the text form of programs in scenarios, and a short way to write one in C#.
/// </summary>
/// <remarks>
/// After its last step a thread ends by itself (exit), and so does a program that has started threads, which then
/// outlive it; any other program ends its process (exit_group) with code 0.
/// </remarks>
public sealed class StepProgram : IProgram
{
    /// <summary>The exit code of a process that ends because a call did not go as expected.</summary>
    public const int ErrorExitCode = 1;

    // A loop whose steps do nothing (say, accesses to a region that could not be mapped) gives up the CPU after so
    // many.
    private const int IdleStepsMax = 4096;

    private readonly ProgramSpec spec;
    private readonly StepContext context;
    private readonly StepCursor cursor;

    /// <summary>A program that starts a process.</summary>
    public StepProgram(ProgramSpec spec)
        : this(spec, new StepContext(spec))
    {
    }

    private StepProgram(ProgramSpec spec, StepContext context)
    {
        this.spec = spec;
        this.context = context;
        cursor = new StepCursor(spec.Steps);
    }

    /// <inheritdoc/>
    public string Comm => spec.Comm;

    /// <inheritdoc/>
    public ImageSpec Image => spec.Image;

    /// <inheritdoc/>
    public void Start(in ProgramStart start) => context.Start(start);

    /// <inheritdoc/>
    public void Next(AccessBatch batch, in SyscallResult last)
    {
        context.Last = last;
        int steps = 0;
        while (!batch.IsFull && !batch.HasCall)
        {
            if (context.HasFailed)
            {
                batch.SetCall(new SyscallRequest { Nr = SyscallNr.ExitGroup, A0 = ErrorExitCode });
                return;
            }

            if (cursor.Current is not { } step)
            {
                batch.SetCall(context.EndOfSteps());
                return;
            }

            if (step.Advance(context, batch))
            {
                context.Phase = 0;
                cursor.MoveNext();
            }

            if (++steps >= IdleStepsMax && batch.RunCount == 0 && !batch.HasCall)
                batch.SetCall(new SyscallRequest { Nr = SyscallNr.SchedYield });
        }
    }

    /// <summary>
    /// The program of a child or thread: other steps, which know the regions of the parent as they are now.
    /// </summary>
    internal static StepProgram Child(ProgramSpec spec, StepContext parent, bool isThread) =>
        new(spec, parent.ForChild(spec, isThread));
}
