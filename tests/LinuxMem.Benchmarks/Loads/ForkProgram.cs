using LinuxMem.Abi;
using LinuxMem.Benchmarks.Measuring;

namespace LinuxMem.Benchmarks.Loads;

/// <summary>Fills memory, then forks children that exit at once, and notes how long each took.</summary>
internal sealed class ForkProgram(ulong bytes, int times) : IProgram
{
    private bool mapped;
    private bool forked;
    private int done;
    private long stampNs;

    public string Comm => "fork";

    public ImageSpec Image => ImageSpec.Default;

    /// <summary>Seconds from each fork's call to the parent's next step.</summary>
    public List<double> Forks { get; } = [];

    /// <summary>Seconds from each child's exit to the step of the parent that waits for it.</summary>
    public List<double> Exits { get; } = [];

    public void Start(in ProgramStart start)
    {
    }

    public void Next(AccessBatch batch, in SyscallResult last)
    {
        if (!mapped)
        {
            mapped = true;
            batch.SetCall(Calls.Mmap(bytes, MapFlags.Populate));
            return;
        }

        if (forked)
        {
            forked = false;
            Forks.Add((Clock.ThreadNs() - stampNs) / 1e9);
            batch.SetCall(Calls.WaitAny);
            return;
        }

        if (done > 0)
            Exits.Add((Clock.ThreadNs() - stampNs) / 1e9);
        if (done++ == times)
        {
            batch.SetCall(Calls.Exit);
            return;
        }

        forked = true;
        batch.SetCall(Calls.Fork(new Child(this)));
        stampNs = Clock.ThreadNs();
    }

    private sealed class Child(ForkProgram parent) : IProgram
    {
        public string Comm => "child";

        public ImageSpec Image => ImageSpec.Empty;

        public void Start(in ProgramStart start)
        {
        }

        public void Next(AccessBatch batch, in SyscallResult last)
        {
            batch.SetCall(Calls.Exit);
            parent.stampNs = Clock.ThreadNs();
        }
    }
}
