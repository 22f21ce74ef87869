using LinuxMem.Abi;

namespace LinuxMem.Mm.Signals;

/// <summary>The signals of a task: blocked, pending, delivered but not yet told to its program.</summary>
/// <remarks>Linux: include/linux/sched.h: task_struct.blocked, .pending, .sas_ss_sp, v6.18.</remarks>
public sealed class TaskSignals
{
    private const int FramesMax = 64;
    private readonly List<SignalSet> frames = [];
    private readonly List<SignalInfo> pending = [];

    /// <summary>Blocked signals.</summary>
    public SignalSet Blocked { get; set; }

    /// <summary>The alternate stack's lowest address.</summary>
    public ulong AltStackBase { get; set; }

    /// <summary>The alternate stack's size in bytes; 0 if there is none.</summary>
    public ulong AltStackBytes { get; set; }

    /// <summary>Signals that its program must be told of, in order.</summary>
    public List<SignalInfo> Delivered { get; } = [];

    /// <summary>A signal waits to be delivered; of each kind one at most does.</summary>
    public void Add(SignalInfo info)
    {
        if (!pending.Exists(p => p.Signal == info.Signal))
            pending.Add(info);
    }

    /// <summary>Takes the lowest pending signal that is not blocked; false if there is none.</summary>
    public bool TryTake(out SignalInfo info)
    {
        int best = -1;
        for (int i = 0; i < pending.Count; i++)
        {
            if (!Blocked.Has(pending[i].Signal) && (best < 0 || pending[i].Signal < pending[best].Signal))
                best = i;
        }

        info = best < 0 ? default : pending[best];
        if (best >= 0)
            pending.RemoveAt(best);
        return best >= 0;
    }

    /// <summary>Whether <see cref="TryTake"/> would find one.</summary>
    public bool HasDeliverable
    {
        get
        {
            foreach (SignalInfo info in pending)
            {
                if (!Blocked.Has(info.Signal))
                    return true;
            }

            return false;
        }
    }

    /// <summary>The pending signals.</summary>
    public SignalSet Pending
    {
        get
        {
            var set = default(SignalSet);
            foreach (SignalInfo info in pending)
                set = set.With(info.Signal);
            return set;
        }
    }

    /// <summary>Forgets a pending signal: it is ignored now.</summary>
    public void Discard(Signal signal) => pending.RemoveAll(p => p.Signal == signal);

    /// <summary>A handler begins: what was blocked is kept for its return.</summary>
    /// <remarks>Handlers that are left by a jump never return: the oldest frames are forgotten.</remarks>
    public void PushFrame()
    {
        if (frames.Count == FramesMax)
            frames.RemoveAt(0);
        frames.Add(Blocked);
    }

    /// <summary>rt_sigreturn: what was blocked when the handler began; false if none runs.</summary>
    public bool PopFrame()
    {
        if (frames.Count == 0)
            return false;
        Blocked = frames[^1];
        frames.RemoveAt(frames.Count - 1);
        return true;
    }
}
