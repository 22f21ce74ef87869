using LinuxMem.Abi;

namespace LinuxMem.Workloads.Tests.Programs;

/// <summary>
/// Runs a program to its end and answers its calls in the simplest way; children run at once, before their parent goes
/// on.
/// </summary>
internal sealed class FakeKernel
{
    public const int PageShift = 12;
    public static readonly ImageLayout Layout =
        new(0x400000, 0x410000, 0x410000, 0x414000, 0x414000, 0x418000, 0x418000, 0x7fff0000);

    private ulong nextMapping = 0x10000000;
    private int nextPid = 100;
    private int batchesLeft = 100_000;

    /// <summary>Every call, as "pid name arguments".</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Every call, as it was made.</summary>
    public List<SyscallRequest> Requests { get; } = [];

    /// <summary>Every access, in order.</summary>
    public List<(int Pid, AccessKind Kind, ulong Va)> Accesses { get; } = [];

    /// <summary>The exit code of each process or thread that ended by a call.</summary>
    public List<(int Pid, string Call, int Code)> Ends { get; } = [];

    /// <summary>Calls that are to fail, with their error; asked before the call is carried out.</summary>
    public Func<SyscallRequest, Errno> Failing { get; set; } = _ => Errno.None;

    public void Run(IProgram program) => Run(program, nextPid++, Layout.BrkStart);

    private void Run(IProgram program, int pid, ulong brk)
    {
        var batch = new AccessBatch(PageShift);
        var unwaited = new Queue<int>();
        program.Start(new ProgramStart(pid, pid, (ulong)pid * 77, PageShift, Layout));
        SyscallResult last = default;
        while (true)
        {
            Assert.True(batchesLeft-- > 0, "the program does not end");
            batch.Reset();
            program.Next(batch, last);
            Assert.True(batch.RunCount > 0 || batch.HasCall, "an empty batch is an error");
            Record(pid, batch);
            last = default;
            if (!batch.HasCall)
                continue;
            SyscallRequest call = batch.Call;
            Requests.Add(call);
            Calls.Add(FormattableString.Invariant($"{pid} {call.Nr} {call.A0:x} {call.A1:x} {call.A2:x} {call.A3:x}"));
            Errno failure = Failing(call);
            if (failure != Errno.None)
            {
                last = SyscallResult.Fail(failure);
                continue;
            }

            switch (call.Nr)
            {
                case SyscallNr.Exit or SyscallNr.ExitGroup:
                    Ends.Add((pid, call.Nr.ToString(), (int)call.A0));
                    return;
                case SyscallNr.Mmap:
                    last = new SyscallResult((long)nextMapping);
                    nextMapping += (call.A1 + 0xfff) & ~0xfffUL;
                    break;
                case SyscallNr.Brk:
                    brk = call.A0 >= Layout.BrkStart && call.A0 < 0x8000000 ? call.A0 : brk;
                    last = new SyscallResult((long)brk);
                    break;
                case SyscallNr.Fork or SyscallNr.Clone:
                    int child = nextPid++;
                    Run(call.Child!, child, brk);
                    if (call.Nr == SyscallNr.Fork)
                        unwaited.Enqueue(child);
                    last = new SyscallResult(child);
                    break;
                case SyscallNr.Execve:
                    Run(call.Child!, pid, Layout.BrkStart);
                    return;
                case SyscallNr.Wait4:
                    bool hasEnded = unwaited.TryDequeue(out int ended);
                    last = hasEnded ? new SyscallResult(ended) : SyscallResult.Fail(Errno.ECHILD);
                    break;
            }
        }
    }

    private void Record(int pid, AccessBatch batch)
    {
        for (int i = 0; i < batch.RunCount; i++)
        {
            AccessRun run = batch.Runs[i];
            for (int j = 0; j < run.Count; j++)
            {
                ulong entry = run.IsScatter ? batch.Scatter[(int)run.Start + j] : 0;
                Accesses.Add(run.IsScatter
                    ? (pid, ScatterEntry.KindOf(entry), ScatterEntry.AddressOf(entry))
                    : (pid, run.Kind, run.Start + (ulong)(j * run.Stride)));
            }
        }
    }
}
