using Akka.Actor;
using Akka.Actor.Setup;

namespace LinuxMem.Actors.Hosting;

/// <summary>
/// The way from inside an actor system to what its host gave it. Akka creates executors, schedulers and strategies from
/// type names, so they cannot get anything through a constructor; a setup is per system where a static would be per
/// process.
/// </summary>
internal sealed class HostSetup(MessageExecutor executor, Action<Exception> fail) : Setup
{
    /// <summary>Runs every mailbox of the system.</summary>
    public MessageExecutor Executor { get; } = executor;

    /// <summary>Ends the run with a failure; any thread.</summary>
    public Action<Exception> Fail { get; } = fail;

    /// <summary>The setup of a system; null when the system was not made by an <see cref="ActorSystemHost"/>.</summary>
    public static HostSetup? Of(Settings settings)
    {
        var setup = settings.Setup.Get<HostSetup>();
        return setup.HasValue ? setup.Value : null;
    }
}
