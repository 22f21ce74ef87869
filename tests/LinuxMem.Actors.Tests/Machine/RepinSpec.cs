using LinuxMem.Abi;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Actors.Tests.Tracing;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Actors.Tests.Machine;

/// <summary>sched_setaffinity on tasks that run, or wait for a CPU.</summary>
public class RepinSpec
{
    private const ulong Arena = 0x1000_0000;
    private const long WholeRunNs = 3_600_000_000_000;

    [Fact]
    public void A_running_thread_leaves_a_cpu_that_it_may_not_use_an_interrupt_later()
    {
        EventLog log = Run(new EngineSettings());
        TraceEvent call = log.Events.Single(e => e.Point == Tracepoint.SysEnter
            && e.Numbers[0] == (long)SyscallNr.SchedSetaffinity);
        int thread = (int)call.Numbers[1];
        TraceEvent leaves = log.Events.First(e => e.Point == Tracepoint.SchedSwitch && e.AtNs > call.AtNs
            && e.Numbers[0] == thread);
        Assert.InRange(leaves.AtNs - call.AtNs, 1, 20_000);
        TraceEvent runs = log.Events.First(e => e.Point == Tracepoint.SchedSwitch && e.AtNs > call.AtNs
            && e.Numbers[1] == thread);
        Assert.Equal(2, runs.Cpu);
        Assert.NotEqual(2, leaves.Cpu);
    }

    [Fact]
    public void Windows_and_threads_change_nothing()
    {
        EventLog expected = Run(new EngineSettings());
        foreach (long windowNs in new[] { 500, 7_000, WholeRunNs })
        {
            EventLog other = Run(new EngineSettings { WindowNs = windowNs, Threads = 2, Audit = AuditLevel.Round });
            Assert.Equal(expected.Digest, other.Digest);
            Assert.Equal(expected.Outcome, other.Outcome);
        }
    }

    // The main thread makes another, which computes for a millisecond without entering the kernel, and moves it.
    private static EventLog Run(EngineSettings engine) => EventLog.Of(new Scenario
    {
        Name = "repin",
        Machine = new MachineSettings { Cpus = 3, MemoryBytes = 16 << 20 },
        Processes = [new ProcessSpec(() => new ScriptProgram(new Mover().Turn))],
    }, engine);

    private static void Compute(int turn, in ProgramStart start, AccessBatch batch, in SyscallResult last)
    {
        for (int i = 0; i < 200; i++)
            batch.AddRun(AccessKind.Write, Arena, 64, 60);
        if (turn > 20)
            batch.SetCall(new SyscallRequest { Nr = SyscallNr.Exit });
    }

    private sealed class Mover
    {
        private ulong thread;

        public void Turn(int turn, in ProgramStart start, AccessBatch batch, in SyscallResult last)
        {
            switch (turn)
            {
                case 0:
                    batch.SetCall(new SyscallRequest
                    {
                        Nr = SyscallNr.Mmap,
                        A0 = Arena,
                        A1 = 1 << 16,
                        A2 = (ulong)(ProtFlags.Read | ProtFlags.Write),
                        A3 = (ulong)(MapFlags.Private | MapFlags.Anonymous | MapFlags.Fixed),
                        A4 = ulong.MaxValue,
                    });
                    break;
                case 1:
                    batch.SetCall(new SyscallRequest
                    {
                        Nr = SyscallNr.Clone,
                        A0 = (ulong)(CloneFlags.Vm | CloneFlags.Files | CloneFlags.SigHand | CloneFlags.Thread),
                        A1 = Arena + (1 << 16),
                        Child = new ScriptProgram(Compute),
                    });
                    break;
                case 2:
                    thread = (ulong)last.Value;
                    batch.SetCall(new SyscallRequest { Nr = SyscallNr.Nanosleep, A0 = 100_000 });
                    break;
                case 3:
                    batch.SetCall(new SyscallRequest
                    {
                        Nr = SyscallNr.SchedSetaffinity,
                        A0 = thread,
                        A1 = 8,
                        Operands = new SyscallOperands { Words = [4] },
                    });
                    break;
                case 4:
                    batch.SetCall(new SyscallRequest { Nr = SyscallNr.Nanosleep, A0 = 2_000_000 });
                    break;
                default:
                    ScriptProgram.Exit(batch);
                    break;
            }
        }
    }
}
