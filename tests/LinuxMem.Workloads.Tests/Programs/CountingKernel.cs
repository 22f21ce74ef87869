using LinuxMem.Abi;

namespace LinuxMem.Workloads.Tests.Programs;

/// <summary>Counts what programs do without keeping it. Every call succeeds; children run at once.</summary>
internal sealed class CountingKernel
{
    private int nextPid = 1;

    public int Processes { get; private set; }

    public long Accesses { get; private set; }

    public void Run(IProgram program)
    {
        Processes++;
        Run(program, nextPid++);
    }

    private void Run(IProgram program, int pid)
    {
        var batch = new AccessBatch(FakeKernel.PageShift);
        program.Start(new ProgramStart(pid, pid, (ulong)pid, FakeKernel.PageShift, FakeKernel.Layout));
        SyscallResult last = default;
        while (true)
        {
            batch.Reset();
            program.Next(batch, last);
            for (int i = 0; i < batch.RunCount; i++)
                Accesses += batch.Runs[i].Count;
            SyscallRequest call = batch.Call;
            last = new SyscallResult(call.Nr switch
            {
                SyscallNr.Brk => (long)call.A0,
                SyscallNr.Mmap => 0x10000000,
                _ => 1,
            });
            if (call.Nr is SyscallNr.Exit or SyscallNr.ExitGroup)
                return;
            if (call.Child is null)
                continue;
            Processes += call.Nr == SyscallNr.Fork ? 1 : 0;
            Run(call.Child, nextPid++);
            if (call.Nr == SyscallNr.Execve)
                return;
        }
    }
}
