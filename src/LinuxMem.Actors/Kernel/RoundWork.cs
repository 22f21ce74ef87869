using LinuxMem.Actors.Messages;

namespace LinuxMem.Actors.Kernel;

/// <summary>Judges whether the CPU phases of a run do enough side by side to be worth several threads.</summary>
/// <remarks>
/// What a second thread can take over of a round are the accesses of all CPUs but the busiest. To hand a CPU's slot to
/// another thread, and to have the kernel's next phase run on whichever thread reports last, costs about 2 us
/// (measured: 1.75 us a round of a load with a major fault a round), as long as some hundred accesses take. Accesses
/// are counted, not timed, so the same run is judged the same way every time; what comes of it does not depend on it
/// anyway.
/// </remarks>
public sealed class RoundWork(int cpus)
{
    /// <summary>Rounds that are judged together.</summary>
    private const int RoundsTogether = 64;

    /// <summary>Accesses a round beside those of the busiest CPU from which on another thread pays.</summary>
    private const long PayingAccesses = 400;

    private readonly long[] before = new long[cpus];
    private int rounds;
    private long side;
    private long busiest;
    private long sum;

    /// <summary>Whether other threads are worth their while, as far as is known.</summary>
    public bool Pays { get; private set; } = true;

    /// <summary>A CPU gets its slot.</summary>
    public void Granted(CpuSlot slot)
    {
        if (!slot.FlushOnly)
            before[slot.Cpu] = slot.Accesses!.Accesses;
    }

    /// <summary>A CPU reports.</summary>
    public void Reported(CpuSlot slot)
    {
        if (slot.FlushOnly)
            return;
        long done = slot.Accesses!.Accesses - before[slot.Cpu];
        sum += done;
        busiest = Math.Max(busiest, done);
    }

    /// <summary>A round is over; true if <see cref="Pays"/> has changed.</summary>
    public bool EndRound()
    {
        side += sum - busiest;
        sum = busiest = 0;
        if (++rounds < RoundsTogether)
            return false;
        bool pays = side >= RoundsTogether * PayingAccesses;
        side = rounds = 0;
        if (pays == Pays)
            return false;
        Pays = pays;
        return true;
    }
}
