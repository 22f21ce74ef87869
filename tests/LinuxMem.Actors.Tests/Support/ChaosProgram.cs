using LinuxMem.Abi;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Actors.Tests.Support;

/// <summary>
/// A program that does at random whatever a program can do: it maps, unmaps, protects, forks, starts threads, sleeps,
/// yields, waits, and touches what it has (now and then what it has not).
/// </summary>
internal sealed class ChaosProgram : IProgram
{
    private readonly ChaosRules rules;
    private readonly bool isThread;
    private readonly List<Region> regions;
    private RandomStream random;
    private int pageShift;
    private int stepsLeft;
    private int children;
    private ulong heapStart;
    private ulong heapEnd;
    private Pending pending;

    /// <summary>The first program of a process.</summary>
    public ChaosProgram(ChaosRules rules)
        : this(rules, false, [])
    {
    }

    private ChaosProgram(ChaosRules rules, bool isThread, List<Region> regions)
    {
        this.rules = rules;
        this.isThread = isThread;
        this.regions = regions;
    }

    private enum Wish
    {
        None,
        Map,
        Brk,
        Fork,
        Wait,
    }

    public string Comm => isThread ? "thread" : "chaos";

    public ImageSpec Image { get; } = new(32 << 10, 16 << 10, 16 << 10);

    public void Start(in ProgramStart start)
    {
        random = new RandomStream(start.Seed);
        pageShift = start.PageShift;
        stepsLeft = 1 + (int)random.Below((ulong)rules.Steps);
        heapStart = heapEnd = start.Layout.BrkStart;
        if (regions.Count > 0)
            return;
        regions.Add(new Region(start.Layout.DataStart, Pages(start.Layout.DataEnd - start.Layout.DataStart), true,
            false));
        regions.Add(new Region(start.Layout.BssStart, Pages(start.Layout.BssEnd - start.Layout.BssStart), true,
            false));
        regions.Add(new Region(start.Layout.StackTop - (4UL << pageShift), 4, true, false));
    }

    public void Next(AccessBatch batch, in SyscallResult last)
    {
        Learn(last);
        if (--stepsLeft < 0)
        {
            End(batch, last);
            return;
        }

        for (ulong runs = random.Below(4); runs > 0; runs--)
            AddAccesses(batch);
        if (random.Percent(70) || batch.RunCount == 0)
            AddCall(batch);
    }

    private void Learn(SyscallResult last)
    {
        if (!last.IsError)
        {
            if (pending.Wish == Wish.Map)
                regions.Add(pending.Region with { Start = (ulong)last.Value });
            else if (pending.Wish == Wish.Brk)
                heapEnd = Math.Max((ulong)last.Value, heapStart);
            else if (pending.Wish == Wish.Fork)
                children++;
            else if (pending.Wish == Wish.Wait)
                children--;
        }
        else if (pending.Wish == Wish.Wait)
        {
            children = 0;
        }

        pending = default;
    }

    // Waits for its children, mostly; threads end alone or, now and then, with all others.
    private void End(AccessBatch batch, SyscallResult last)
    {
        if (children > 0 && !isThread && random.Percent(90))
            Call(batch, SyscallNr.Wait4, Wish.Wait, ulong.MaxValue);
        else if (isThread && !random.Percent(5))
            Call(batch, SyscallNr.Exit, Wish.None);
        else
            Call(batch, SyscallNr.ExitGroup, Wish.None, random.Below(256));
    }

    private void AddAccesses(AccessBatch batch)
    {
        if (random.Percent(rules.Reckless) && random.Percent(5))
        {
            batch.AddAccess((AccessKind)random.Below(3), random.Next() >> (int)random.Below(60), 8);
            return;
        }

        Region region = regions[(int)random.Below((ulong)regions.Count)];
        if (region.Pages == 0)
            return;
        bool write = (region.Writable || (random.Percent(rules.Reckless) && random.Percent(3))) && random.Percent(60);
        AccessKind kind = write ? AccessKind.Write : AccessKind.Read;
        ulong page = random.Below(region.Pages);
        ulong start = region.Start + (page << pageShift);
        int count = 1 + (int)random.Below((ulong)rules.BatchMax);
        switch (random.Below(4))
        {
            case 0:
                // A row of whole pages.
                count = (int)Math.Min((ulong)count, region.Pages - page);
                batch.AddRun(kind, start, 1L << pageShift, count);
                break;
            case 1:
                count = (int)Math.Min((ulong)count, (region.Pages - page) << (pageShift - 3));
                batch.AddRun(kind, start, 8, count);
                break;
            case 2:
                batch.AddRun(kind, start + (random.Below(64) << 3), 0, count);
                break;
            default:
                Scatter(batch, region, kind, count);
                break;
        }
    }

    private void Scatter(AccessBatch batch, Region region, AccessKind kind, int count)
    {
        for (int i = 0; i < count && i < 200 && !batch.IsFull; i++)
        {
            ulong va = region.Start + (random.Below(region.Pages) << pageShift) + (random.Below(500) << 3);
            batch.AddAccess(kind, va, 8);
        }
    }

    private void AddCall(AccessBatch batch)
    {
        ulong draw = random.Below(100);
        if (draw < 25)
            Map(batch);
        else if (draw < 37)
            Unmap(batch);
        else if (draw < 50)
            Protect(batch);
        else if (draw < 58)
            MoveBrk(batch);
        else if (draw < 70 && rules.Depth > 0)
            Split(batch);
        else if (draw < 80)
            Call(batch, SyscallNr.Nanosleep, Wish.None, random.Below(random.Percent(50) ? 3_000u : 60_000u));
        else if (draw < 90)
            Call(batch, SyscallNr.SchedYield, Wish.None);
        else if (draw < 94 && children > 0)
            Call(batch, SyscallNr.Wait4, Wish.Wait, ulong.MaxValue);
        else if (draw < 95 && random.Percent(rules.Reckless))
            Call(batch, SyscallNr.Kill, Wish.None, 2 + random.Below(20), 9);
        else
            Call(batch, SyscallNr.Gettid, Wish.None);
    }

    private void Map(AccessBatch batch)
    {
        ulong pages = 1 + random.Below(random.Percent(90) ? 12u : (ulong)rules.PagesMax);
        MapFlags flags = MapFlags.Anonymous | (random.Percent(70) ? MapFlags.Private : MapFlags.Shared);
        if (random.Percent(15))
            flags |= MapFlags.Populate;
        bool writable = random.Percent(85);
        ProtFlags prot = writable ? ProtFlags.Read | ProtFlags.Write : ProtFlags.Read;
        ulong address = 0;
        if (random.Percent(35) && PickOwn(out int index) && regions[index].Pages > 0)
        {
            // In place of a part of a region, which others may be using: they see the one or the other.
            Region old = regions[index];
            pages = Math.Min(pages, old.Pages);
            address = old.Start + (random.Below(old.Pages - pages + 1) << pageShift);
            flags |= MapFlags.Fixed;
            prot = ProtFlags.Read | ProtFlags.Write;
            Ask(batch, SyscallNr.Mmap, Wish.None, address, pages << pageShift, (ulong)prot, (ulong)flags);
            return;
        }

        pending.Region = new Region(0, pages, writable, true);
        Ask(batch, SyscallNr.Mmap, Wish.Map, address, pages << pageShift, (ulong)prot, (ulong)flags);
    }

    private void Unmap(AccessBatch batch)
    {
        if (!PickOwn(out int index) || regions[index].Pages == 0)
        {
            Call(batch, SyscallNr.Getpid, Wish.None);
            return;
        }

        Region region = regions[index];
        ulong gone = 1 + random.Below(region.Pages);
        ulong rest = region.Pages - gone;
        if (random.Percent(50))
        {
            regions[index] = region with { Pages = rest };
            Call(batch, SyscallNr.Munmap, Wish.None, region.Start + (rest << pageShift), gone << pageShift);
            return;
        }

        regions[index] = region with { Start = region.Start + (gone << pageShift), Pages = rest };
        Call(batch, SyscallNr.Munmap, Wish.None, region.Start, gone << pageShift);
    }

    private void Protect(AccessBatch batch)
    {
        if (!PickOwn(out int index) || regions[index].Pages == 0)
        {
            Call(batch, SyscallNr.Getpid, Wish.None);
            return;
        }

        Region region = regions[index];
        bool writable = !region.Writable;
        regions[index] = region with { Writable = writable };
        ulong prot = (ulong)(writable ? ProtFlags.Read | ProtFlags.Write : ProtFlags.Read);
        Call(batch, SyscallNr.Mprotect, Wish.None, region.Start, region.Pages << pageShift, prot);
    }

    private void MoveBrk(AccessBatch batch)
    {
        ulong target = heapStart + (random.Below(16) << pageShift);
        if (target > heapEnd && heapEnd > heapStart && !isThread)
            batch.AddAccess(AccessKind.Write, heapStart, 8);
        Call(batch, SyscallNr.Brk, isThread ? Wish.None : Wish.Brk, isThread ? 0 : target);
    }

    private void Split(AccessBatch batch)
    {
        bool thread = random.Percent(50);
        bool vfork = !thread && random.Percent(15);
        ChaosRules down = rules with { Depth = rules.Depth - 1, Steps = Math.Max(1, rules.Steps / 2) };
        List<Region> copy = [];
        for (int i = 0; i < regions.Count; i++)
        {
            // What a thread was given is changed under its feet by the reckless only.
            if ((thread || vfork) && !random.Percent(rules.Reckless))
                regions[i] = regions[i] with { Mine = false };
            copy.Add(regions[i] with { Mine = !(thread || vfork) && regions[i].Mine });
        }

        var child = new ChaosProgram(down, thread, copy);
        var request = new SyscallRequest
        {
            Nr = thread ? SyscallNr.Clone : vfork ? SyscallNr.Vfork : SyscallNr.Fork,
            A0 = thread ? (ulong)(CloneFlags.Vm | CloneFlags.SigHand | CloneFlags.Thread) : 0,
            Child = child,
        };
        pending.Wish = thread ? Wish.None : Wish.Fork;
        batch.SetCall(request);
    }

    private bool PickOwn(out int index)
    {
        index = (int)random.Below((ulong)regions.Count);
        return regions[index].Mine;
    }

    private void Call(AccessBatch batch, SyscallNr nr, Wish wish, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0) =>
        Ask(batch, nr, wish, a0, a1, a2, 0);

    private void Ask(AccessBatch batch, SyscallNr nr, Wish wish, ulong a0, ulong a1, ulong a2, ulong a3)
    {
        pending.Wish = wish;
        batch.SetCall(new SyscallRequest { Nr = nr, A0 = a0, A1 = a1, A2 = a2, A3 = a3, A4 = ulong.MaxValue });
    }

    private ulong Pages(ulong bytes) => bytes >> pageShift;

    private record struct Region(ulong Start, ulong Pages, bool Writable, bool Mine);

    private struct Pending
    {
        public Wish Wish;
        public Region Region;
    }
}
