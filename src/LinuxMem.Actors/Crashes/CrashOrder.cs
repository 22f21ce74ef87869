using Akka.Actor;
using LinuxMem.Actors.Hosting;
using LinuxMem.Actors.Wires;

namespace LinuxMem.Actors.Crashes;

/// <summary>What kind of part an actor is.</summary>
public enum ActorKind
{
    /// <summary>A CPU with its TLB.</summary>
    Cpu,

    /// <summary>A process.</summary>
    Process,

    /// <summary>The page cache.</summary>
    PageCache,

    /// <summary>The owner of swap.</summary>
    Swap,

    /// <summary>A block device.</summary>
    Disk,

    /// <summary>The kernel.</summary>
    Kernel,
}

/// <summary>Has an actor crash; it comes back to the kernel when the actor has been restarted.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Number">Which: a CPU, a pid, a disk; 0 where there is one only.</param>
public sealed record CrashOrder(ActorKind Kind, int Number)
{
    /// <summary>Crashes the actor that has received it.</summary>
    /// <exception cref="InjectedCrashException">Always.</exception>
    public void Strike() => throw new InjectedCrashException($"{Kind} {Number}, as ordered");

    /// <summary>
    /// What an actor does before it is restarted: an order is answered, after the loss of what a crash of that kind
    /// loses; any other message is handled again.
    /// </summary>
    internal static void BeforeRestart(object message, IActorRef self, IActorRef sender, Action? lose = null)
    {
        if (message is not CrashOrder)
        {
            self.Tell(message is WireEnvelope envelope ? envelope.Message : message, sender);
            return;
        }

        lose?.Invoke();
        sender.Tell(message, self);
    }
}
