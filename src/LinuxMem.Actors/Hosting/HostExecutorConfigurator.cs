using Akka.Configuration;
using Akka.Dispatch;
using LinuxMem.Simulation;

namespace LinuxMem.Actors.Hosting;

/// <summary>Gives every dispatcher that <c>akka.hocon</c> routes here the one executor of its system's host.</summary>
internal sealed class HostExecutorConfigurator : ExecutorServiceConfigurator
{
    /// <summary>Called by Akka, by name.</summary>
    public HostExecutorConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites)
    {
    }

    /// <inheritdoc/>
    public override ExecutorService Produce(string id) =>
        HostSetup.Of(Prerequisites.Settings)?.Executor
        ?? throw new KernelBug($"dispatcher {id}: this actor system was not made by ActorSystemHost");
}
