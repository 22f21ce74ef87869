using LinuxMem.Abi;
using LinuxMem.Benchmarks.Measuring;

namespace LinuxMem.Benchmarks.Loads;

/// <summary>Maps memory, writes to each page once, perhaps sleeps, and exits.</summary>
internal sealed class TouchProgram(ulong pages, Span? span, ulong sleepNs = 0) : IProgram
{
    private int step;

    public string Comm => "touch";

    public ImageSpec Image => ImageSpec.Default;

    public void Start(in ProgramStart start)
    {
    }

    public void Next(AccessBatch batch, in SyscallResult last)
    {
        switch (step++)
        {
            case 0:
                batch.SetCall(Calls.Mmap(pages << 12));
                break;
            case 1:
                span?.Begin();
                batch.AddRun(AccessKind.Write, (ulong)last.Value, 4096, (int)pages);
                batch.SetCall(sleepNs == 0 ? new SyscallRequest { Nr = SyscallNr.Getpid } : Calls.Sleep(sleepNs));
                break;
            default:
                span?.End();
                batch.SetCall(Calls.Exit);
                break;
        }
    }
}
