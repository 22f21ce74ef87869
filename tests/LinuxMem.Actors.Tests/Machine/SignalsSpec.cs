using LinuxMem.Abi;
using LinuxMem.Actors.Machine;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Machine;

/// <summary>Signals from the access or the call that raises them to the handler or the end.</summary>
public sealed class SignalsSpec
{
    private const ulong Nowhere = 0x10_0000_0000;

    [Fact]
    public void A_handler_is_told_of_the_fault_and_the_rest_of_the_batch_is_dropped()
    {
        var program = new Handling((p, turn, batch) =>
        {
            switch (turn)
            {
                case 0:
                    p.Handle(batch, Signal.SigSegv);
                    break;
                case 1:
                    batch.AddRun(AccessKind.Write, Nowhere + 0x123, 0, 1);
                    batch.AddRun(AccessKind.Write, Nowhere + 0x5000, 0, 1);
                    batch.SetCall(new SyscallRequest { Nr = SyscallNr.Getpid });
                    break;
                case 2:
                    Assert.Equal(0, p.Last.Value);
                    batch.SetCall(new SyscallRequest { Nr = SyscallNr.RtSigreturn });
                    break;
                case 3:
                    batch.AddRun(AccessKind.Execute, p.Begun.Layout.DataStart, 0, 1);
                    break;
                default:
                    Handling.Exit(batch, 3);
                    break;
            }
        });
        ProcessResult process = Assert.Single(Run(program).Processes);
        Assert.Equal("exited 3", process.Fate);
        Assert.Equal(
            [
                new SignalInfo(Signal.SigSegv, SignalCode.SegvMapErr, Nowhere + 0x123),
                new SignalInfo(Signal.SigSegv, SignalCode.SegvAccErr, program.Begun.Layout.DataStart),
            ],
            program.Heard);
    }

    [Fact]
    public void A_fault_in_the_handler_of_its_own_signal_ends_the_process()
    {
        var program = new Handling((p, turn, batch) =>
        {
            if (turn == 0)
                p.Handle(batch, Signal.SigSegv);
            else
                batch.AddRun(AccessKind.Write, Nowhere, 0, 1);
        });
        ProcessResult process = Assert.Single(Run(program).Processes);
        Assert.Contains("SIGSEGV", process.Fate, StringComparison.Ordinal);
        Assert.Single(program.Heard);
    }

    [Fact]
    public void A_blocked_signal_waits_until_it_is_unblocked()
    {
        var program = new Handling((p, turn, batch) =>
        {
            switch (turn)
            {
                case 0:
                    p.Handle(batch, Signal.SigUsr1);
                    break;
                case 1:
                    Handling.Mask(batch, 0, Signal.SigUsr1);
                    break;
                case 2:
                    batch.SetCall(new SyscallRequest { Nr = SyscallNr.Kill, A0 = 0, A1 = (ulong)Signal.SigUsr1 });
                    break;
                case 3:
                    Assert.Empty(p.Heard);
                    Handling.Mask(batch, 1, Signal.SigUsr1);
                    break;
                default:
                    Assert.Single(p.Heard);
                    Handling.Exit(batch, 0);
                    break;
            }
        });
        Assert.Equal("exited 0", Assert.Single(Run(program).Processes).Fate);
    }

    [Fact]
    public void Signals_that_nobody_handles_end_the_process_but_for_those_ignored_by_default()
    {
        Assert.Equal("exited 0", FateAfterKill(Signal.SigChld));
        Assert.Equal("exited 0", FateAfterKill(Signal.SigWinch));
        Assert.Contains("SIGUSR1", FateAfterKill(Signal.SigUsr1), StringComparison.Ordinal);
        Assert.Contains("SIGTERM", FateAfterKill(Signal.SigTerm), StringComparison.Ordinal);
    }

    [Fact]
    public void The_end_of_a_child_interrupts_the_sleep_of_a_parent_that_handles_it()
    {
        var child = new Handling((p, turn, batch) =>
        {
            if (turn == 0)
                batch.SetCall(new SyscallRequest { Nr = SyscallNr.Nanosleep, A0 = 1_000_000 });
            else
                Handling.Exit(batch, 7);
        });
        var program = new Handling((p, turn, batch) =>
        {
            switch (turn)
            {
                case 0:
                    p.Handle(batch, Signal.SigChld);
                    break;
                case 1:
                    batch.SetCall(new SyscallRequest { Nr = SyscallNr.Fork, Child = child, ChildPid = 77 });
                    break;
                case 2:
                    batch.SetCall(new SyscallRequest { Nr = SyscallNr.Nanosleep, A0 = 3_600_000_000_000 });
                    break;
                default:
                    Assert.Equal(Errno.EINTR, p.Last.Errno);
                    Handling.Exit(batch, 0);
                    break;
            }
        });
        RunResult result = Run(program);
        Assert.Equal([new SignalInfo(Signal.SigChld, SignalCode.CldExited, 77)], program.Heard);
        Assert.True(result.VirtualNs < 1_000_000_000);
    }

    [Fact]
    public void Children_of_a_parent_that_ignores_their_end_need_no_wait()
    {
        var program = new Handling((p, turn, batch) =>
        {
            switch (turn)
            {
                case 0:
                    p.Handle(batch, Signal.SigChld, handler: 1);
                    break;
                case 1:
                    var child = new Handling((_, _, b) => Handling.Exit(b, 0));
                    batch.SetCall(new SyscallRequest { Nr = SyscallNr.Fork, Child = child });
                    break;
                case 2:
                    batch.SetCall(new SyscallRequest { Nr = SyscallNr.Wait4, A0 = ulong.MaxValue });
                    break;
                default:
                    Assert.Equal(Errno.ECHILD, p.Last.Errno);
                    Handling.Exit(batch, 0);
                    break;
            }
        });
        Assert.All(Run(program).Processes, p => Assert.Equal("exited 0", p.Fate));
    }

    [Theory]
    [InlineData(17, 0UL, Errno.None)]
    [InlineData(17, 0x8000_0000UL, Errno.ECHILD)]
    [InlineData(0, 0UL, Errno.ECHILD)]
    [InlineData(0, 0x8000_0000UL, Errno.None)]
    [InlineData(10, 0x4000_0000UL, Errno.None)]
    public void Wait4_finds_children_by_the_signal_of_their_end(ulong cloneFlags, ulong options, Errno expected)
    {
        var program = new Handling((p, turn, batch) =>
        {
            switch (turn)
            {
                case 0:
                    p.Handle(batch, Signal.SigUsr1);
                    break;
                case 1:
                    var child = new Handling((_, _, b) => Handling.Exit(b, 0));
                    batch.SetCall(new SyscallRequest { Nr = SyscallNr.Clone, A0 = cloneFlags, Child = child });
                    break;
                case 2:
                    batch.SetCall(new SyscallRequest { Nr = SyscallNr.Wait4, A0 = ulong.MaxValue, A2 = options });
                    break;
                default:
                    Assert.Equal(expected, p.Last.Errno);
                    Handling.Exit(batch, 0);
                    break;
            }
        });
        Assert.All(Run(program).Processes, p => Assert.Equal("exited 0", p.Fate));
        Assert.Equal(cloneFlags == 10 ? 1 : 0, program.Heard.Count);
    }

    [Theory]
    [InlineData(65, 0x5000UL, 8UL, Errno.EINVAL)]
    [InlineData(0, 0x5000UL, 8UL, Errno.EINVAL)]
    [InlineData((int)Signal.SigKill, 0x5000UL, 8UL, Errno.EINVAL)]
    [InlineData((int)Signal.SigStop, 0UL, 8UL, Errno.None)]
    [InlineData((int)Signal.SigUsr1, 0x5000UL, 4UL, Errno.EINVAL)]
    public void Rt_sigaction_refuses_what_linux_refuses(int number, ulong act, ulong setBytes, Errno expected)
    {
        var program = new Handling((p, turn, batch) =>
        {
            if (turn > 0)
            {
                Assert.Equal(expected, p.Last.Errno);
                Handling.Exit(batch, 0);
                return;
            }

            batch.SetCall(new SyscallRequest
            {
                Nr = SyscallNr.RtSigaction,
                A0 = (ulong)number,
                A1 = act,
                A3 = setBytes,
                Operands = new SyscallOperands { Words = [0x5000, 0, 0, 0] },
            });
        });
        Assert.Equal("exited 0", Assert.Single(Run(program).Processes).Fate);
    }

    private static string FateAfterKill(Signal signal)
    {
        var program = new Handling((_, turn, batch) =>
        {
            if (turn == 0)
                batch.SetCall(new SyscallRequest { Nr = SyscallNr.Kill, A0 = 0, A1 = (ulong)signal });
            else
                Handling.Exit(batch, 0);
        });
        return Assert.Single(Run(program).Processes).Fate;
    }

    private static RunResult Run(IProgram program) => MachineRun.Execute(
        new Scenario
        {
            Name = "signals",
            Machine = new MachineSettings { Cpus = 2, MemoryBytes = 16 << 20 },
            Engine = new EngineSettings { Audit = AuditLevel.Round },
            Processes = [new ProcessSpec(() => program)],
        },
        NullLoggerFactory.Instance);

    private sealed class Handling(Action<Handling, int, AccessBatch> turn) : IProgram, ISignalHandler
    {
        private int turns;

        public List<SignalInfo> Heard { get; } = [];

        public ProgramStart Begun { get; private set; }

        public SyscallResult Last { get; private set; }

        public string Comm => "handling";

        public ImageSpec Image => ImageSpec.Default;

        public void Start(in ProgramStart start) => Begun = start;

        public void OnSignal(in SignalInfo info) => Heard.Add(info);

        public void Next(AccessBatch batch, in SyscallResult last)
        {
            Last = last;
            turn(this, turns++, batch);
        }

        public void Handle(AccessBatch batch, Signal signal, ulong handler = 0x40_1000) =>
            batch.SetCall(new SyscallRequest
            {
                Nr = SyscallNr.RtSigaction,
                A0 = (ulong)signal,
                A1 = Begun.Layout.DataStart,
                A3 = 8,
                Operands = new SyscallOperands { Words = [handler, 0, 0, 0] },
            });

        public static void Mask(AccessBatch batch, ulong how, Signal signal) =>
            batch.SetCall(new SyscallRequest
            {
                Nr = SyscallNr.RtSigprocmask,
                A0 = how,
                A1 = 1,
                A3 = 8,
                Operands = new SyscallOperands { Words = [1UL << ((int)signal - 1)] },
            });

        public static void Exit(AccessBatch batch, ulong code) =>
            batch.SetCall(new SyscallRequest { Nr = SyscallNr.ExitGroup, A0 = code });
    }
}
