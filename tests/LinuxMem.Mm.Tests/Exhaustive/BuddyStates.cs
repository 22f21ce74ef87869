using System.Text;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Stats;
using Xunit.Abstractions;

namespace LinuxMem.Mm.Tests.Exhaustive;

/// <summary>
/// Every state that a buddy system of a few frames can reach, the order of its lists included, each compared with a
/// naive one. Sixteen frames up to a million states with LINUXMEM_EXHAUSTIVE=1, else all states of eight frames.
/// </summary>
public unsafe class BuddyStates(ITestOutputHelper output)
{
    [Fact]
    public void Every_reachable_state_has_all_frames_once_and_merges_what_can_merge()
    {
        bool large = Environment.GetEnvironmentVariable("LINUXMEM_EXHAUSTIVE") == "1";
        int maxOrder = large ? 4 : 3;
        int most = large ? 1_000_000 : 100_000;
        var seen = new HashSet<string>();
        var open = new Queue<int[]>();
        open.Enqueue([]);
        long transitions = 0;
        while (open.TryDequeue(out int[]? path) && seen.Count < most)
        {
            // What can be done depends on the state, so that one more replay is made to look at it.
            int choices;
            using (var state = new State(maxOrder))
            {
                state.Replay(path);
                choices = state.Choices;
            }

            for (int choice = 0; choice < choices; choice++)
            {
                using var state = new State(maxOrder);
                state.Replay(path);
                state.Do(choice);
                transitions++;
                if (seen.Add(state.Check()))
                    open.Enqueue([.. path, choice]);
            }
        }

        output.WriteLine($"{seen.Count} states, {transitions} transitions, {open.Count} left open");
        Assert.True(seen.Count > 600, $"{seen.Count} states");
    }

    private sealed class State : IDisposable
    {
        private const uint First = 16;
        private readonly int maxOrder;
        private readonly MemMap map;
        private readonly Zone zone;
        private readonly BuddyAllocator buddy;
        private readonly SortedDictionary<uint, int> taken = [];

        public State(int maxOrder)
        {
            this.maxOrder = maxOrder;
            uint end = First + (1u << maxOrder);
            map = new MemMap(end);
            zone = new Zone(0, ZoneType.Dma, new Pfn(First), new Pfn(end), default, [0, 0, 0], [], maxOrder);
            buddy = new BuddyAllocator(map, new PageblockMap(end, 12, maxOrder), new VmStat(), zone, default);
            buddy.FreeAllAtBoot();
        }

        /// <summary>Allocations of every order, and freeing every block that is taken.</summary>
        public int Choices => maxOrder + 1 + taken.Count;

        public void Replay(int[] path)
        {
            foreach (int choice in path)
                Do(choice);
        }

        public void Do(int choice)
        {
            if (choice <= maxOrder)
            {
                uint pfn = buddy.RmqueueSmallest(choice, (int)MigrateType.Movable);
                Assert.Equal(pfn == 0, !HasRoom(choice));
                if (pfn != 0)
                    taken.Add(pfn, choice);
                return;
            }

            (uint block, int order) = taken.ElementAt(choice - maxOrder - 1);
            taken.Remove(block);
            buddy.FreeOnePage(block, order, (int)MigrateType.Movable, toTail: false);
        }

        /// <summary>Compares the lists with the frames that are not taken; the state as a text.</summary>
        public string Check()
        {
            var key = new StringBuilder();
            int[] owner = new int[1 << maxOrder];
            foreach ((uint pfn, int order) in taken)
            {
                Claim(owner, pfn, order);
                key.Append(pfn).Append('x').Append(order).Append(' ');
            }

            long free = 0;
            var blocks = new HashSet<(uint, int)>();
            for (int order = 0; order <= maxOrder; order++)
            {
                key.Append('|');
                for (uint pfn = zone.Areas[order].Lists[(int)MigrateType.Movable].Head; pfn != 0;
                    pfn = map.Frames[pfn].Next)
                {
                    Assert.Equal(0u, pfn & ((1u << order) - 1));
                    Claim(owner, pfn, order);
                    blocks.Add((pfn, order));
                    free += 1L << order;
                    key.Append(pfn).Append(' ');
                }
            }

            Assert.All(owner, count => Assert.Equal(1, count));
            Assert.Equal(free, zone.FreePages);
            foreach ((uint pfn, int order) in blocks)
                Assert.False(order < maxOrder && blocks.Contains((pfn ^ (1u << order), order)), "I05: not merged");
            return key.ToString();
        }

        public void Dispose() => map.Dispose();

        private static void Claim(int[] owner, uint pfn, int order)
        {
            for (uint i = 0; i < 1u << order; i++)
                owner[pfn - First + i]++;
        }

        // A block of this order is free where no block that is taken reaches into its frames.
        private bool HasRoom(int order)
        {
            for (uint at = First; at < First + (1u << maxOrder); at += 1u << order)
            {
                if (taken.All(block => block.Key + (1u << block.Value) <= at || block.Key >= at + (1u << order)))
                    return true;
            }

            return false;
        }
    }
}
