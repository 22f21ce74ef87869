using System.Runtime.InteropServices;
using LinuxMem.Abi;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Benchmarks.Loads;

/// <summary>
/// What an MMU does, written for this one case: four levels, two TLBs with exact LRU, accessed bits, loads only, one
/// address space, no faults. The bound for what a general MMU may cost.
/// </summary>
internal sealed unsafe class HandWalker : IDisposable
{
    private const ulong Accessed = 0x20;
    private const int L1Ways = 4;
    private const int L2Ways = 12;
    private readonly ulong pages;
    private readonly byte* ram;
    private readonly ulong* l1;
    private readonly ulong* l2;

    /// <summary>Tables that map so many pages from address 0 on; at most 1 GiB.</summary>
    public HandWalker(ulong pages)
    {
        this.pages = pages;
        ulong tables = 3 + (pages >> 9);
        ram = (byte*)NativeMemory.AlignedAlloc((nuint)(tables << 12), 4096);
        NativeMemory.Clear(ram, (nuint)(tables << 12));
        Entry(0, 0) = 1UL << 12 | 1;
        Entry(1, 0) = 2UL << 12 | 1;
        for (ulong table = 0; table < pages >> 9; table++)
        {
            Entry(2, table) = ((3 + table) << 12) | 1;
            for (ulong i = 0; i < 512; i++)
                Entry(3 + table, i) = ((table << 9 | i) << 12) | 1;
        }

        l1 = (ulong*)NativeMemory.AllocZeroed(16 * L1Ways, sizeof(ulong));
        l2 = (ulong*)NativeMemory.AllocZeroed(128 * L2Ways, sizeof(ulong));
    }

    /// <summary>How many accesses took a walk.</summary>
    public long Walks { get; private set; }

    /// <summary>Random loads, drawn batch by batch as a program draws them.</summary>
    public long Run(long accesses)
    {
        var stream = new RandomStream(1);
        var batch = new ulong[AccessBatch.ScatterCapacityMax];
        long nowNs = 0;
        for (long left = accesses; left > 0; left -= batch.Length)
        {
            RandomStream drawn = stream;
            for (int i = 0; i < batch.Length; i++)
                batch[i] = ScatterEntry.Pack(drawn.Below(pages << 9) << 3, AccessKind.Read);
            stream = drawn;
            foreach (ulong entry in batch)
                nowNs += Access(ScatterEntry.AddressOf(entry) >> 12);
        }

        return nowNs;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(ram);
        NativeMemory.Free(l1);
        NativeMemory.Free(l2);
    }

    private int Access(ulong vpn)
    {
        ulong* first = l1 + ((vpn & 15) * L1Ways);
        if (Find(first, L1Ways, vpn + 1))
            return 1;
        ulong* second = l2 + ((vpn & 127) * L2Ways);
        bool found = Find(second, L2Ways, vpn + 1);
        Insert(first, L1Ways, vpn + 1);
        if (found)
            return 4;
        Insert(second, L2Ways, vpn + 1);
        Walks++;
        ulong table = 0;
        for (int shift = 27; shift >= 0; shift -= 9)
        {
            ref ulong entry = ref Entry(table, (vpn >> shift) & 511);
            if ((entry & Accessed) == 0)
                entry |= Accessed;
            table = entry >> 12;
        }

        return 25;
    }

    // The most recent is in front.
    private static bool Find(ulong* set, int ways, ulong tag)
    {
        for (int way = 0; way < ways; way++)
        {
            if (set[way] != tag)
                continue;
            for (; way > 0; way--)
                set[way] = set[way - 1];
            set[0] = tag;
            return true;
        }

        return false;
    }

    private static void Insert(ulong* set, int ways, ulong tag)
    {
        for (int way = ways - 1; way > 0; way--)
            set[way] = set[way - 1];
        set[0] = tag;
    }

    private ref ulong Entry(ulong table, ulong index) => ref ((ulong*)(ram + (table << 12)))[index];
}
