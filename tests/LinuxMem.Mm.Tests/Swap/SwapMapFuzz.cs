using CsCheck;
using LinuxMem.Mm.Swap;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Swap;

public sealed class SwapMapFuzz
{
    private static readonly Gen<(uint Pages, int Priority)[]> Areas =
        Gen.Select(Gen.UInt[2, 700], Gen.Int[-3, 3], (pages, priority) => (pages, priority)).Array[1, 4];

    [Fact]
    public void Slots_are_given_once_and_come_back_when_nothing_names_them() =>
        Gen.Select(Areas, Gen.Int[0, 1_000_000].Array[1, 800]).Sample((areas, choices) =>
        {
            var swap = new SwapMap();
            foreach ((uint pages, int priority) in areas)
                swap.SwapOn(new SwapAreaSettings { Pages = pages, Priority = priority });
            long total = areas.Sum(a => (long)a.Pages - 1);
            var model = new List<(SwapEntry Entry, int Count, bool Cached)>();
            foreach (int choice in choices)
                Step(swap, model, total, choice);
            Assert.Equal(total - model.Count, swap.FreeSlots);
        }, iter: 300);

    [Fact]
    public void Every_slot_can_be_filled_and_then_swap_is_full() =>
        Areas.Sample(areas =>
        {
            var swap = new SwapMap();
            foreach ((uint pages, int priority) in areas)
                swap.SwapOn(new SwapAreaSettings { Pages = pages, Priority = priority });
            var seen = new HashSet<SwapEntry>();
            while (swap.Allocate(seen.Count % 3) is { IsNone: false } entry)
                Assert.True(seen.Add(entry));
            Assert.Equal(swap.TotalSlots, seen.Count);
            Assert.Equal(0, swap.FreeSlots);
        });

    [Fact]
    public void Areas_of_higher_priority_are_filled_first_and_equals_take_turns()
    {
        var swap = new SwapMap();
        swap.SwapOn(new SwapAreaSettings { Pages = 10, Priority = 1, IsRotational = true });
        swap.SwapOn(new SwapAreaSettings { Pages = 3, Priority = 5, IsRotational = true });
        swap.SwapOn(new SwapAreaSettings { Pages = 10, Priority = 1, IsRotational = true });
        int[] order = [.. Enumerable.Range(0, 6).Select(_ => swap.Allocate(0).Area)];
        Assert.Equal([1, 1, 0, 2, 0, 2], order);
    }

    [Fact]
    public void Where_no_head_moves_equals_take_turns_by_cluster()
    {
        var swap = new SwapMap();
        swap.SwapOn(new SwapAreaSettings { Pages = 1025, Priority = 1 });
        swap.SwapOn(new SwapAreaSettings { Pages = 1025, Priority = 1 });
        int[] order = [.. Enumerable.Range(0, 1022).Select(_ => swap.Allocate(0).Area)];
        // The first clusters have a header, and 255 slots.
        Assert.Equal(Enumerable.Range(0, 1022).Select(i => i < 510 ? i / 255 : (i - 510) / 256 % 2), order);
        // Each CPU has a cluster of its own, and finishes it though a better area has come.
        Assert.Equal(0, swap.Allocate(1).Area);
        swap.SwapOn(new SwapAreaSettings { Pages = 10, Priority = 9 });
        Assert.Equal((0, 2), (swap.Allocate(1).Area, swap.Allocate(2).Area));
    }

    [Fact]
    public void A_retired_area_gives_back_what_it_has_and_is_given_no_more()
    {
        var swap = new SwapMap();
        SwapArea first = swap.SwapOn(new SwapAreaSettings { Pages = 600, Priority = 2 });
        SwapArea second = swap.SwapOn(new SwapAreaSettings { Pages = 10, Priority = 1 });
        SwapEntry there = swap.Allocate(0);
        swap.Retire(first);
        Assert.Equal((9L, 9L), (swap.TotalSlots, swap.FreeSlots));
        Assert.Equal(1, swap.Allocate(0).Area);
        Assert.Throws<KernelBug>(() => swap.SwapOff(first));
        Assert.Throws<KernelBug>(() => swap.Retire(first));
        swap.Reinstate(first, 0);
        Assert.Equal(1, swap.Allocate(0).Area);
        swap.Retire(first);
        Assert.True(first.SetCached(there.Slot, false));
        swap.SwapOff(first);
        Assert.Throws<KernelBug>(() => swap.AreaOf(there));
        Assert.Throws<KernelBug>(() => swap.SwapOff(second));
        Assert.Equal(0, swap.SwapOn(new SwapAreaSettings { Pages = 20 }).Index);
        Assert.Equal(28, swap.TotalSlots);
    }

    [Fact]
    public void Pages_that_leave_on_one_cpu_lie_side_by_side()
    {
        var area = new SwapArea(0, new SwapAreaSettings { Pages = 2000 });
        // Cluster 0 is not quite free: it has the header, and is filled first.
        Assert.Equal(Enumerable.Range(1, 255), Enumerable.Range(0, 255).Select(_ => (int)area.Allocate(0)));
        Assert.Equal(Enumerable.Range(256, 10), Enumerable.Range(0, 10).Select(_ => (int)area.Allocate(0)));
    }

    [Fact]
    public void Clusters_with_holes_are_filled_before_free_ones_and_those_behind_the_last_slot_later()
    {
        var area = new SwapArea(0, new SwapAreaSettings { Pages = 5000 });
        for (int i = 0; i < 511; i++)
            area.Allocate(0);
        foreach (uint slot in (uint[])[300, 400, 10])
            Assert.True(area.SetCached(slot, false));
        // Cluster 1 has had holes for longer than cluster 0; then comes a free one.
        Assert.Equal([300U, 400U, 10U, 512U], Enumerable.Range(0, 4).Select(_ => area.Allocate(0)));
        Assert.True(area.SetCached(512, false));
        Assert.Equal(513U, area.Allocate(0));
    }

    [Fact]
    public void A_slot_put_once_too_often_is_a_bug()
    {
        var area = new SwapArea(0, new SwapAreaSettings { Pages = 20 });
        uint slot = area.Allocate(0);
        area.Duplicate(slot);
        Assert.False(area.Put(slot));
        Assert.Throws<KernelBug>(() => area.Put(slot));
        Assert.True(area.SetCached(slot, false));
        Assert.Throws<KernelBug>(() => area.Duplicate(slot));
        Assert.Throws<KernelBug>(() => area.SetCached(slot, false));
    }

    private static void Step(
        SwapMap swap, List<(SwapEntry Entry, int Count, bool Cached)> model, long total, int choice)
    {
        int kind = choice % 5;
        if (kind <= 1 || model.Count == 0)
        {
            SwapEntry entry = swap.Allocate(choice % 3);
            Assert.Equal(model.Count == total, entry.IsNone);
            if (!entry.IsNone)
            {
                Assert.DoesNotContain(model, m => m.Entry == entry);
                model.Add((entry, 0, true));
            }

            return;
        }

        int at = choice / 5 % model.Count;
        (SwapEntry chosen, int count, bool cached) = model[at];
        SwapArea area = swap.AreaOf(chosen);
        bool freed = false;
        if (kind == 2)
            area.Duplicate(chosen.Slot);
        else if (kind == 3 && count > 0)
            freed = area.Put(chosen.Slot);
        else if (kind == 4)
            freed = area.SetCached(chosen.Slot, !cached);
        count += kind == 2 ? 1 : kind == 3 && count > 0 ? -1 : 0;
        cached ^= kind == 4;
        Assert.Equal(count == 0 && !cached, freed);
        model[at] = (chosen, count, cached);
        if (freed)
            model.RemoveAt(at);
        else
            Assert.Equal((count, cached), (area.CountOf(chosen.Slot), area.IsInCache(chosen.Slot)));
    }
}
