using LinuxMem.Simulation.Locks;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of machine.locks: how the kernel's locks behave and what they cost.</summary>
internal static class LockKeys
{
    private const ulong MostNs = 1_000_000_000;
    private static readonly IReadOnlyList<(string, bool)> OnOff = [("on", true), ("off", false)];

    /// <summary>The locks of a machine.</summary>
    public static Shape<LockSettings> Shape()
    {
        var usual = new LockSettings();
        var perVma = Key.Optional("perVma", new ChoiceShape<bool>(OnOff), usual.PerVma,
            "Whether page faults take the lock of their VMA only, as since Linux 6.4; off: mmap_lock.");
        var line = Ns("lineNs", usual.LineNs, "An atomic operation on a cache line that another CPU had last.");
        var contendedLine = Ns("contendedLineNs", usual.ContendedLineNs, "The same while others want the line too.");
        var handoff = Ns("handoffNs", usual.HandoffNs, "From a release until a writer that spins has the lock.");
        var wake = Ns("wakeNs", usual.WakeNs, "From a release until a task that slept runs.");
        var readerSpin = Ns("readerSpinNs", usual.ReaderSpinNs,
            "For how long a writer spins for readers before it sleeps.");
        var crossCache = Ns("crossCacheNs", usual.CrossCacheNs,
            "What a cache line takes longer from another cache of the socket.");
        var cacheCpus = Key.Optional("cacheCpus", new CountShape(1, 1024), (ulong)usual.CacheCpus,
            "CPUs that share a cache of the last level.");
        var vmaLines = Key.Optional("vmaLines", new CountShape(0, 1000), (ulong)usual.VmaLines,
            "Cache lines to fetch before a VMA changes, if another CPU has changed the address space last.");
        var splitLines = Key.Optional("splitLines", new CountShape(0, 1000), (ulong)usual.SplitLines,
            "More of them before a VMA is split or joined, if another CPU was the last to do so.");
        var crossSocket = Ns("crossSocketNs", usual.CrossSocketNs,
            "What a cache line takes longer from another socket.");
        var lruBatch = Ns("lruBatchNs", usual.LruBatchNs, "Moving 31 pages to or from the LRU lists.");
        var pageTable = Ns("pageTableNs", usual.PageTableNs, "Setting an entry under a page table's lock.");
        var pageCache = Ns("pageCacheNs", usual.PageCacheNs, "Putting a page into a file's tree.");
        var swap = Ns("swapNs", usual.SwapNs, "Giving up a slot of swap under the lock of its cluster.");
        var anonVma = Ns("anonVmaNs", usual.AnonVmaNs, "Linking a VMA to its anon_vma.");
        var queue = Ns("queueNs", usual.QueueNs, "Handing an I/O to a device's queue.");
        var socketCpus = Key.Optional("socketCpus", new CountShape(1, 1024), (ulong)usual.SocketCpus,
            "CPUs of a socket, which share its memory.");
        var bandwidth = Key.Optional("socketMBytesPerSecond", new CountShape(1, 100_000_000),
            (ulong)usual.SocketMBytesPerSecond, "What the memory of a socket stores and loads, in MB/s.");
        Key[] keys =
        [
            perVma, line, contendedLine, handoff, wake, vmaLines, splitLines, readerSpin, crossCache, crossSocket,
            lruBatch, pageTable, pageCache, swap, anonVma, queue, cacheCpus, socketCpus, bandwidth,
        ];
        return new ObjectShape<LockSettings>("the locks", keys, v => new LockSettings
        {
            PerVma = v.Get(perVma),
            LineNs = (int)v.Get(line),
            ContendedLineNs = (int)v.Get(contendedLine),
            HandoffNs = (int)v.Get(handoff),
            WakeNs = (int)v.Get(wake),
            ReaderSpinNs = (int)v.Get(readerSpin),
            VmaLines = (int)v.Get(vmaLines),
            SplitLines = (int)v.Get(splitLines),
            CrossCacheNs = (int)v.Get(crossCache),
            CrossSocketNs = (int)v.Get(crossSocket),
            LruBatchNs = (int)v.Get(lruBatch),
            PageTableNs = (int)v.Get(pageTable),
            PageCacheNs = (int)v.Get(pageCache),
            SwapNs = (int)v.Get(swap),
            AnonVmaNs = (int)v.Get(anonVma),
            QueueNs = (int)v.Get(queue),
            CacheCpus = (int)v.Get(cacheCpus),
            SocketCpus = (int)v.Get(socketCpus),
            SocketMBytesPerSecond = (int)v.Get(bandwidth),
        });
    }

    private static Key<ulong> Ns(string name, int usual, string description) =>
        Key.Optional(name, new CountShape(0, MostNs), (ulong)usual, description);
}
