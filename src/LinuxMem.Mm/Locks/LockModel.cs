using LinuxMem.Abi;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Locks;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm.Locks;

/// <summary>
/// The locks of the machine in virtual time: what a task that is in the kernel waits for, from what others hold.
/// </summary>
/// <remarks>
/// The kernel serves one trap at a time, in the order of virtual time. What a trap holds until later moments is
/// remembered in the locks, and later traps wait for it. Waits of who spins are owed by the trap and added to its cost
/// at its end; until then they move its moment (<see cref="NowNs"/>). Who sleeps for mmap_lock has its trap served
/// when it has been woken. With one CPU nobody ever waits, and nothing is done. What a call changes shows from its
/// trap on, even if it spins for a lock first.
/// </remarks>
public sealed partial class LockModel
{
    private readonly KernelCosts costs;
    private readonly LockSettings settings;
    private readonly bool isActive;
    private readonly LockOrder order = new();
    private readonly TableLocks tables = new();
    private readonly BusyTimeline[] zones;
    private readonly BusyTimeline lru = new();
    private readonly BusyTimeline swap = new();
    private readonly BusyTimeline[] queues;
    private readonly BusyTimeline[] sockets;
    private readonly int[] lruBatch;
    private readonly int[] freeBatch;
    private readonly long trafficNs;
    private bool inTrap;
    private bool isOpen;
    private int cpu;
    private long atNs;
    private long owedNs;
    private long lastNs;
    private long gotNs;
    private LockHolder self;

    /// <summary>The locks of a machine.</summary>
    public LockModel(MachineSettings machine)
    {
        costs = machine.KernelCosts;
        settings = machine.Locks;
        isActive = machine.Cpus > 1;
        zones = Timelines(ZoneCount);
        queues = Timelines(machine.Disks.Count);
        sockets = Timelines((machine.Cpus + settings.SocketCpus - 1) / settings.SocketCpus);
        lruBatch = new int[machine.Cpus + 1]; // the last is of the kernel's own threads
        freeBatch = new int[machine.Cpus + 1];
        trafficNs = (long)machine.Paging.PageBytes * 1000 / settings.SocketMBytesPerSecond;
        // So few CPUs cannot wear the memory out, however fast they go.
        if (Math.Min(machine.Cpus, settings.SocketCpus) * trafficNs <= costs.ZeroPageNs)
            trafficNs = 0;
    }

    /// <summary>What was waited for.</summary>
    public LockStatistics Statistics { get; set; } = new();

    /// <summary>Hears of every wait; null if nobody listens.</summary>
    public Tracer? Trace { get; set; }

    /// <summary>Whether faults take the locks of their VMAs.</summary>
    public bool PerVma => settings.PerVma;

    /// <summary>A task enters the kernel.</summary>
    /// <param name="at">Where and when.</param>
    /// <param name="tid">The task.</param>
    /// <param name="call">What for; see <see cref="LockCall"/>.</param>
    /// <param name="stolenNs">What it already owes: time that interrupts have taken from it.</param>
    public void Enter(TrapPoint at, int tid, short call, long stolenNs = 0)
    {
        KernelBug.Assert(!isOpen, "a task enters the kernel before another has left it");
        isOpen = true;
        owedNs = stolenNs;
        gotNs = 0;
        inTrap = isActive;
        cpu = at.Cpu;
        atNs = lastNs = at.NowNs;
        self = new LockHolder(tid, call);
        callMm = null;
        faultMm = null;
    }

    /// <summary>The task leaves the kernel.</summary>
    /// <param name="costNs">What it did there, in nanoseconds.</param>
    /// <returns>The same with what it waited.</returns>
    /// <exception cref="KernelBug">It still holds a lock.</exception>
    public long Leave(long costNs)
    {
        KernelBug.Assert(isOpen, "a task leaves the kernel that has not entered it");
        KernelBug.Assert(order.Held == 0, $"task {self.Tid} leaves the kernel with a lock: {order.NamesOfHeld}");
        isOpen = false;
        inTrap = false;
        return Math.Max(costNs + owedNs, gotNs - atNs);
    }

    /// <summary>Between two steps of the kernel nobody is in it, and no lock is held there.</summary>
    /// <exception cref="KernelBug">Somebody is.</exception>
    public void CheckIdle() =>
        KernelBug.Assert(!isOpen && order.Held == 0, $"task {self.Tid} has not left the kernel");

    /// <summary>What has been waited so far, in nanoseconds.</summary>
    public long OwedNs => owedNs;

    /// <summary>The moment that the task in the kernel has come to: never before the end of its last wait.</summary>
    public long NowNs(in WorkCost cost)
    {
        long nowNs = atNs + cost.ToNs(costs) + owedNs;
        if (nowNs < gotNs)
        {
            // It asked for the last lock under another, whose hold is not in the cost: that time has passed, too.
            owedNs += gotNs - nowNs;
            nowNs = gotNs;
        }

        return lastNs = nowNs;
    }

    private static BusyTimeline[] Timelines(int count)
    {
        var made = new BusyTimeline[count];
        for (int i = 0; i < count; i++)
            made[i] = new BusyTimeline();
        return made;
    }

    // The task asked for a lock and got it. Fetching the lock's cache line costs, but is no contention.
    private void Got(LockClass lockClass, long instance, bool writes, long askedNs, long grantNs, LockHolder blocker,
        long fetchNs = 0)
    {
        Statistics.Acquired(lockClass);
        if (grantNs <= askedNs)
            return;
        KernelBug.Assert(askedNs >= gotNs, $"task {self.Tid} asks for {LockClasses.NameOf(lockClass)} while it waits");
        gotNs = grantNs;
        owedNs += grantNs - askedNs;
        if (grantNs - askedNs <= fetchNs)
            return;
        Statistics.Waited(new LockWait(lockClass, instance, writes, askedNs, grantNs - askedNs, self, blocker));
        // Of a task that ends nothing is told after its end; steps of the kernel's own threads take no time.
        if (Trace is not null && self.Call >= LockCall.Fault
            && (SyscallNr)self.Call is not (SyscallNr.Exit or SyscallNr.ExitGroup))
            Tell(Trace, lockClass, instance, writes, askedNs, grantNs, blocker);
    }

    private void Tell(Tracer trace, LockClass lockClass, long instance, bool writes, long askedNs, long grantNs,
        LockHolder blocker)
    {
        TellBegin(trace, lockClass, instance, writes, askedNs, blocker);
        TellEnd(trace, trace.Pid, lockClass, instance, grantNs, 0);
    }

    // Linux: include/trace/events/lock.h: contention_begin, contention_end, v6.18.
    private void TellBegin(Tracer trace, LockClass lockClass, long instance, bool writes, long askedNs,
        LockHolder blocker)
    {
        const long spins = 1, reads = 2, write = 4;
        long flags = !LockClasses.Sleeps(lockClass) ? spins : writes ? write : reads;
        trace.EmitAt(askedNs, cpu, trace.Pid, self.Tid, Tracepoint.ContentionBegin, instance, flags, blocker.Tid,
            text: LockClasses.NameOf(lockClass));
    }

    private void TellEnd(Tracer trace, int pid, LockClass lockClass, long instance, long whenNs, long result) =>
        trace.EmitAt(whenNs, cpu, pid, self.Tid, Tracepoint.ContentionEnd, instance, result,
            text: LockClasses.NameOf(lockClass));

    // Takes a lock that is held for a short time, in which the task does work that is counted anyhow.
    private void Pass(LockClass lockClass, long instance, BusyTimeline busy, long askedNs, long holdNs)
    {
        order.Pass(lockClass);
        LockHolder blocker = default;
        long grantNs = holdNs <= 0 ? askedNs : busy.Take(askedNs, holdNs, self, atNs, out blocker);
        // What one does under a lock may be counted a moment later than its hold, and be over, by what it costs, while
        // the hold goes on: nobody waits for oneself.
        if (grantNs > askedNs && blocker.Tid == self.Tid)
            grantNs = askedNs;
        Got(lockClass, instance, true, askedNs, grantNs, blocker);
        Statistics.Held(lockClass, holdNs);
        lastNs = grantNs + holdNs;
    }
}
