using Akka.Actor;
using LinuxMem.Abi;

namespace LinuxMem.Actors.Messages;

/// <summary>
/// The message between a CPU and the process of its task, both ways: an empty batch on the way there, a filled one on
/// the way back. One object per CPU, used for the whole run.
/// </summary>
public sealed class BatchExchange
{
    /// <summary>The CPU that asks.</summary>
    public required IActorRef Cpu { get; init; }

    /// <summary>The task that goes on.</summary>
    public int Tid { get; set; }

    /// <summary>Its program, if the process has yet to be told of it; null otherwise.</summary>
    public IProgram? NewProgram { get; set; }

    /// <summary>With <see cref="NewProgram"/>, what it is told.</summary>
    public ProgramStart Start { get; set; }

    /// <summary>The result of the task's last call.</summary>
    public SyscallResult Result { get; set; }

    /// <summary>Signals that its program is told of first; the process empties the list.</summary>
    public List<SignalInfo>? Signals { get; set; }

    /// <summary>Whether the program has filled the batch.</summary>
    public bool IsFilled { get; set; }

    /// <summary>The batch to fill.</summary>
    public AccessBatch? Batch { get; set; }
}
