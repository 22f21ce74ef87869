using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using LinuxMem.Simulation;

namespace LinuxMem.Actors.Hosting;

/// <summary>
/// Akka's scheduler, without a clock: whoever asks for a timer gets a <see cref="KernelBug"/>, for the machine's time
/// is virtual and a timer would make a run depend on the host's speed.
/// </summary>
internal sealed class NoTimers : SchedulerBase
{
    /// <summary>Called by Akka, by name.</summary>
    public NoTimers(Config config, ILoggingAdapter log)
        : base(config, log)
    {
    }

    /// <inheritdoc/>
    public override TimeSpan MonotonicClock => TimeSpan.Zero;

    /// <inheritdoc/>
    public override TimeSpan HighResMonotonicClock => TimeSpan.Zero;

    /// <inheritdoc/>
    protected override DateTimeOffset TimeNow => DateTimeOffset.UnixEpoch;

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable)
    {
        // Akka has dispatchers ask this way to be shut down when their last actor is gone. The host closes their
        // executor.
    }

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable)
    {
        // The other way in which a dispatcher asks to be shut down.
        if (!typeof(MessageDispatcher).IsAssignableFrom(OutermostType(action)))
            throw Refusal();
    }

    /// <inheritdoc/>
    protected override void InternalScheduleTellOnce(
        TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) => throw Refusal();

    /// <inheritdoc/>
    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay,
        TimeSpan interval,
        ICanTell receiver,
        object message,
        IActorRef sender,
        ICancelable cancelable) => throw Refusal();

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) => throw Refusal();

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) => throw Refusal();

    // A lambda lives in a class nested in the one that wrote it.
    private static Type? OutermostType(Action action)
    {
        Type? type = action.Method.DeclaringType;
        while (type?.DeclaringType is { } outer)
            type = outer;
        return type;
    }

    private static KernelBug Refusal() => new("an Akka timer was asked for: the machine has virtual time only");
}
