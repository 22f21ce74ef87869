using LinuxMem.Abi;
using LinuxMem.Actors.Crashes;

namespace LinuxMem.Actors.Kernel;

/// <content>What the crash of an actor means to the machine.</content>
public sealed partial class KernelLoop
{
    /// <summary>
    /// An actor has crashed as ordered, and been restarted: the machine goes on without what it lost.
    /// </summary>
    public void OnRestarted(CrashOrder order)
    {
        crashes!.Restarted(order);
        long nowNs = conductor.ServedNs;
        switch (order.Kind)
        {
            case ActorKind.Cpu:
                kernel.Memory.Coherence.Forget(order.Number, nowNs);
                break;
            case ActorKind.Process:
                kernel.Signals.Send(kernel.Tasks.Find(order.Number)!.Group, new SignalInfo(
                    Signal.SigKill, SignalCode.SiKernel, 0), null);
                break;
            case ActorKind.PageCache:
                kernel.Io.FailFiles();
                kernel.ListCached();
                break;
            default:
                devices.Crashed(order.Number);
                break;
        }

        kernel.SettleReclaim();
        dispatcher.PlaceWoken(nowNs);
        RunPhase();
    }

    private void Panics(string message)
    {
        kernel.StopSoon(isPanic: true, message);
        steps.Served(-1, conductor.ServedNs);
    }

    private bool IsAlive(int pid) => kernel.Tasks.Find(pid) is { Group.IsDead: false };
}
