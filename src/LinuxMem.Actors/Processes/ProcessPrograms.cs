using LinuxMem.Abi;
using LinuxMem.Actors.Messages;
using LinuxMem.Simulation;

namespace LinuxMem.Actors.Processes;

/// <summary>The programs of a process, by thread.</summary>
public sealed class ProcessPrograms
{
    private readonly List<(int Tid, IProgram Program)> programs = [];

    /// <summary>
    /// Answers a CPU that asks for a batch. One that is filled already, and comes again because the actor crashed
    /// before it sent it back, is left as it is.
    /// </summary>
    public void Answer(BatchExchange exchange)
    {
        if (exchange.IsFilled)
            return;
        if (exchange.NewProgram is { } program)
            Start(program, exchange.Start);
        if (exchange.Signals is { Count: > 0 } signals)
            Handle(exchange.Tid, signals);
        Fill(exchange.Tid, exchange.Batch!, exchange.Result);
        exchange.IsFilled = true;
    }

    /// <summary>Starts a thread's program, or after execve another one in its place.</summary>
    public void Start(IProgram program, in ProgramStart start)
    {
        int index = IndexOf(start.Tid);
        if (index < 0)
            programs.Add((start.Tid, program));
        else
            programs[index] = (start.Tid, program);
        program.Start(start);
    }

    /// <summary>Lets a thread's program fill a batch.</summary>
    /// <exception cref="ConfigurationException">The program does nothing at all, so it would never end.</exception>
    public void Fill(int tid, AccessBatch batch, in SyscallResult last)
    {
        int index = IndexOf(tid);
        KernelBug.Assert(index >= 0, $"I49 violated: task {tid} has no program");
        IProgram program = programs[index].Program;
        program.Next(batch, last);
        if (batch.RunCount == 0 && !batch.HasCall)
            throw new ConfigurationException(
                $"program {program.Comm} (task {tid}): neither an access nor a call: a program ends with exit_group");
    }

    /// <summary>Lets a thread's program handle signals, in order; takes them out of the list.</summary>
    public void Handle(int tid, List<SignalInfo> signals)
    {
        int index = IndexOf(tid);
        KernelBug.Assert(index >= 0, $"I49 violated: task {tid} has no program");
        if (programs[index].Program is ISignalHandler handler)
        {
            foreach (SignalInfo info in signals)
                handler.OnSignal(info);
        }

        signals.Clear();
    }

    private int IndexOf(int tid)
    {
        for (int i = 0; i < programs.Count; i++)
        {
            if (programs[i].Tid == tid)
                return i;
        }

        return -1;
    }
}
