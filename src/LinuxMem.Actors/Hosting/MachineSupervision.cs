using System.Reflection;
using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Event;

namespace LinuxMem.Actors.Hosting;

/// <summary>
/// What becomes of an actor that throws: after an <see cref="InjectedCrashException"/> it is restarted, after anything
/// else it is stopped and the run fails with that exception.
/// </summary>
/// <remarks>
/// A genuine bug is deterministic: a restarted actor would meet it again. The failure goes to the
/// <see cref="ActorSystemHost"/> of the system at once, so it needs no escalation and keeps its type. <c>akka.hocon</c>
/// names this class for top-level actors; an actor with children overrides <c>SupervisorStrategy()</c> with
/// <see cref="Strategy"/>. A restart drops the message that was being handled: who wants it handled sends it to itself
/// again in <c>PreRestart</c>.
/// </remarks>
public sealed class MachineSupervision : SupervisorStrategyConfigurator
{
    /// <summary>The strategy. Immutable, so all actors of all systems share it.</summary>
    public static SupervisorStrategy Strategy { get; } = new RestartInjectedCrashes();

    /// <inheritdoc/>
    public override SupervisorStrategy Create() => Strategy;

    /// <summary>What happens to an actor that threw this.</summary>
    internal static Directive Decide(Exception cause) =>
        cause is InjectedCrashException ? Directive.Restart : Directive.Stop;

    private sealed class RestartInjectedCrashes() : OneForOneStrategy(Decide, loggingEnabled: false)
    {
        public override void ProcessFailure(
            IActorContext context,
            bool restart,
            IActorRef child,
            Exception cause,
            ChildRestartStats stats,
            IReadOnlyCollection<ChildRestartStats> children)
        {
            if (restart)
                context.System.Log.Info("{Actor} restarts after an {Crash}", child.Path, cause.Message);
            else
                HostSetup.Of(context.System.Settings)?.Fail(Unwrap(cause));
            base.ProcessFailure(context, restart, child, cause, stats, children);
        }

        /// <summary>
        /// The exception as it was thrown: Akka wraps what comes out of an actor's constructor, in several layers.
        /// </summary>
        private static Exception Unwrap(Exception cause)
        {
            while (cause is ActorInitializationException or TypeLoadException or TargetInvocationException
                && cause.InnerException is { } inner)
                cause = inner;
            return cause;
        }
    }
}
