using LinuxMem.Mm.Lru;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Mm.Tests.Lru;

/// <summary>Reference strings with known numbers of faults, and policies beside naive ones.</summary>
public sealed class ReferenceStringSpec
{
    /// <summary>L. A. Belady, R. A. Nelson, G. S. Shedler, An anomaly in space-time characteristics, 1969.</summary>
    private static readonly int[] Anomaly = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5];

    /// <summary>Silberschatz, Galvin, Gagne, Operating System Concepts, the chapter on virtual memory.</summary>
    private static readonly int[] Dinosaur = [7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1];

    [Theory]
    [InlineData("fifo", 3, 9)]
    [InlineData("fifo", 4, 10)]
    [InlineData("lru", 3, 10)]
    [InlineData("lru", 4, 8)]
    [InlineData("opt", 3, 7)]
    [InlineData("opt", 4, 6)]
    // By hand. 3 frames: 1 2 3; 4 finds all used and takes 1; 1 takes 2; 2 takes 3; 5 finds all used and takes 4; 1 and
    // 2 are there; 3 finds 1 unused since and takes it, 4 takes 2; 5 is there. 4 frames: as fifo.
    [InlineData("clock", 3, 9)]
    [InlineData("clock", 4, 10)]
    public void Beladys_string(string policy, int frames, long faults) =>
        Assert.Equal(faults, Faults(policy, Anomaly, frames));

    [Theory]
    [InlineData("fifo", 15)]
    [InlineData("lru", 12)]
    [InlineData("opt", 9)]
    [InlineData("clock", 14)]
    public void The_string_of_the_textbook(string policy, long faults) =>
        Assert.Equal(faults, Faults(policy, Dinosaur, 3));

    [Fact]
    public void The_one_pass_over_a_string_finds_what_runs_find()
    {
        for (ulong seed = 1; seed <= 30; seed++)
        {
            int[] pages = Draw(seed, 3000, 1 + (int)(seed * 7));
            var distances = new StackDistances();
            var numbers = new Dictionary<int, int>();
            foreach (int page in pages)
            {
                if (!numbers.TryGetValue(page, out int number))
                    numbers.Add(page, number = numbers.Count);
                distances.Add(number);
            }

            foreach (int frames in (int[])[1, 2, 3, 7, 20, 64, 300])
                Assert.Equal(Faults("lru", pages, frames), distances.Misses(frames));
        }
    }

    [Fact]
    public void Policies_are_what_they_are_called()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            int[] pages = Draw(seed, 600, 40);
            foreach (int frames in (int[])[1, 2, 5, 17, 39])
            {
                Assert.Equal(NaiveFaults(pages, frames, renew: false), Faults("fifo", pages, frames));
                Assert.Equal(NaiveFaults(pages, frames, renew: true), Faults("lru", pages, frames));
                Assert.Equal(NaiveClock(pages, frames), Faults("clock", pages, frames));
                Assert.Equal(NaiveOpt(pages, frames), Faults("opt", pages, frames));
            }
        }
    }

    [Fact]
    public void None_is_better_than_the_optimum_and_none_misses_what_fits()
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            int[] pages = Draw(seed, 2000, 100);
            foreach (int frames in (int[])[1, 2, 3, 8, 30, 60])
            {
                long least = Faults("opt", pages, frames);
                foreach (string policy in Policies.Names)
                    Assert.InRange(Faults(policy, pages, frames), least, pages.Length);
            }

            int all = pages.Distinct().Count();
            Assert.All(Policies.Names, policy => Assert.Equal(all, Faults(policy, pages, all)));
        }
    }

    internal static long Faults(string policy, int[] pages, int frames)
    {
        using var memory = new ReferenceString(policy, frames, pages.Max() + 1, 1);
        for (int i = 0; i < pages.Length; i++)
        {
            int next = Array.IndexOf(pages, pages[i], i + 1);
            memory.Use(pages[i], next < 0 ? long.MaxValue : next);
        }

        return memory.Misses;
    }

    // Half of the uses go to an eighth of the pages.
    private static int[] Draw(ulong seed, int count, int pages)
    {
        var random = new RandomStream(seed);
        var drawn = new int[count];
        for (int i = 0; i < count; i++)
            drawn[i] = (int)random.Below((ulong)(random.Percent(50) ? Math.Max(1, pages / 8) : pages));
        return drawn;
    }

    private static long NaiveFaults(int[] pages, int frames, bool renew)
    {
        var memory = new List<int>();
        long faults = 0;
        foreach (int page in pages)
        {
            bool hit = memory.Contains(page);
            if (hit && !renew)
                continue;
            if (hit)
                memory.Remove(page);
            else
                faults++;
            if (memory.Count == frames)
                memory.RemoveAt(0);
            memory.Add(page);
        }

        return faults;
    }

    // A ring of frames with a hand, as textbooks draw it.
    private static long NaiveClock(int[] pages, int frames)
    {
        var ring = new int[frames];
        var used = new bool[frames];
        int filled = 0, hand = 0;
        long faults = 0;
        foreach (int page in pages)
        {
            int at = Array.IndexOf(ring, page, 0, filled);
            if (at < 0)
            {
                faults++;
                at = filled;
                if (filled < frames)
                {
                    filled++;
                }
                else
                {
                    for (; used[hand]; hand = (hand + 1) % frames)
                        used[hand] = false;
                    at = hand;
                    hand = (hand + 1) % frames;
                }

                ring[at] = page;
            }

            used[at] = true;
        }

        return faults;
    }

    private static long NaiveOpt(int[] pages, int frames)
    {
        var memory = new List<int>();
        long faults = 0;
        for (int i = 0; i < pages.Length; i++)
        {
            if (memory.Contains(pages[i]))
                continue;
            faults++;
            if (memory.Count == frames)
            {
                memory.Remove(memory.MaxBy(page =>
                    Array.IndexOf(pages, page, i) is >= 0 and var next ? next : int.MaxValue));
            }

            memory.Add(pages[i]);
        }

        return faults;
    }
}
