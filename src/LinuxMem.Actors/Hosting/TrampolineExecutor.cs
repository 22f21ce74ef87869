using Akka.Dispatch;

namespace LinuxMem.Actors.Hosting;

/// <summary>One thread, first come first served: the fastest executor, for <c>--threads 1</c>.</summary>
internal sealed class TrampolineExecutor() : OneThreadExecutor("trampoline")
{
    private MailboxRing ready = new();

    /// <inheritdoc/>
    protected override void Put(IRunnable run) => ready.Put(run);

    /// <inheritdoc/>
    protected override bool TryTake(out IRunnable run) => ready.TryTake(out run);
}
