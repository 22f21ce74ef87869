using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Settings;
using Xunit.Abstractions;

namespace LinuxMem.Actors.Tests.Reclaim;

/// <summary>
/// Random programs on machines that are too small for them, with swap or with too little of it: one digest however they
/// are run, and no invariant broken in any round. LINUXMEM_CHAOS_FIRST and LINUXMEM_CHAOS_COUNT choose the seeds.
/// </summary>
public class SwapChaosFuzz(ITestOutputHelper output)
{
    // Where hardly anything has room, a run may thrash for ever: it is cut short.
    private const long EndNs = 30_000_000;

    [Fact]
    public void Machines_that_are_too_small_keep_every_content_and_have_one_digest() =>
        SeedSweep.Check(output, 40, ProblemOf);

    [Fact]
    public void Machines_of_64_frames_and_more_do_so_too() =>
        SeedSweep.Check(output, 12, seed => ProblemOf(seed, Tiny(seed)));

    [Fact]
    public void Machines_with_memory_cgroups_do_so_too() =>
        SeedSweep.Check(output, 12, seed => ProblemOf(seed, Grouped(seed)));

    // The page had left its object while it was read from swap: only the I/O had it.
    [Fact]
    public void Seed_9_gives_up_shared_memory_that_is_being_read() => Assert.Null(ProblemOf(9, Tiny(9)));

    // Two threads waited for one disk at one moment: whether the one that was woken first saw what the other then
    // changed in their page table hung on how far it had run ahead.
    [Theory]
    [InlineData(215)]
    [InlineData(299)]
    [InlineData(310)]
    public void Threads_that_wake_at_one_moment_see_what_each_other_changes_at_one_time(ulong seed)
    {
        Scenario scenario = Tiny(seed);
        string[] digests =
        [
            .. new long[] { 500, 777, 50_000 }.Select(windowNs =>
                Outcome.OfLoop(scenario with { Engine = scenario.Engine with { WindowNs = windowNs } })),
        ];
        Assert.Single(digests.Distinct());
    }

    // A thread stored to a page that another had write-protected a moment ago, for a fork: the dirty bit went to what
    // the entry had been, and the page left memory without being written; or the kernel saw that bit before its time.
    [Theory]
    [InlineData(1876)]
    [InlineData(1926)]
    [InlineData(2448)]
    [InlineData(2900)]
    public void Stores_through_entries_that_are_about_to_change_are_remembered(ulong seed) =>
        Assert.Null(ProblemOf(seed, Tiny(seed)));

    // The child of a process whose page was on its way to swap took it for its own alone.
    [Fact]
    public void Seed_5153_forks_while_a_page_is_in_the_swap_cache() => Assert.Null(ProblemOf(5153));

    /// <summary>The machine of a seed: between one and two MiB, and up to four MiB of swap in one area or
    /// two.</summary>
    internal static Scenario Of(ulong seed)
    {
        Scenario scenario = ChaosScenario.Of(seed);
        var random = new RandomStream(RandomStream.Derive(seed, "swap"));
        int shift = scenario.Machine.Paging.PageShift;
        ulong frames = 256 + random.Below(256);
        SwapAreaSettings[] areas =
        [
            new SwapAreaSettings { Pages = 8 + (uint)random.Below(1UL << (int)random.Below(10)), Priority = 5 },
            new SwapAreaSettings
            {
                Path = "/swap2",
                Pages = 300,
                Priority = (int)random.Below(10),
                FirstSector = 1 << 20,
            },
        ];
        return scenario with
        {
            Machine = scenario.Machine with
            {
                MemoryBytes = frames << shift,
                Vm = scenario.Machine.Vm with
                {
                    OvercommitMemory = OvercommitMode.Always,
                    MinFreeKbytes = (long)random.Below(3) * 16,
                    PageCluster = (int)random.Below(5),
                    Swappiness = (int)random.Below(201),
                },
                Disks = [BlockDeviceSettings.Nvme with { Sectors = 1 << 22 }],
                Swap = areas[..(1 + (int)random.Below(2))],
                Replacement = ReplacementNames.InMachines[
                    (int)random.Below(2) * (int)random.Below((ulong)ReplacementNames.InMachines.Count)],
            },
        };
    }

    /// <summary>The same with 64 to 255 frames, in which no more than a process or two have room.</summary>
    private static Scenario Tiny(ulong seed)
    {
        Scenario scenario = Of(seed);
        var random = new RandomStream(RandomStream.Derive(seed, "tiny"));
        ulong frames = 64 + random.Below(192);
        return scenario with
        {
            EndNs = EndNs,
            Machine = scenario.Machine with { MemoryBytes = frames << scenario.Machine.Paging.PageShift },
        };
    }

    /// <summary>The same with memory cgroups two deep, some of them small, and processes in any of them.</summary>
    private static Scenario Grouped(ulong seed)
    {
        Scenario scenario = Of(seed);
        var random = new RandomStream(RandomStream.Derive(seed, "groups"));
        ulong page = 1UL << scenario.Machine.Paging.PageShift;
        string[] paths = ["a", "a/b", "a/c", "d"];
        var groups = new CgroupSettings[1 + random.Below(4)];
        for (int i = 0; i < groups.Length; i++)
        {
            groups[i] = new CgroupSettings(paths[i])
            {
                MinBytes = random.Percent(30) ? random.Below(60) * page : 0,
                LowBytes = random.Percent(40) ? random.Below(120) * page : 0,
                HighBytes = random.Percent(40) ? (40 + random.Below(150)) * page : CgroupSettings.Max,
                MaxBytes = random.Percent(50) ? (60 + random.Below(200)) * page : CgroupSettings.Max,
                SwapMaxBytes = random.Percent(30) ? random.Below(80) * page : CgroupSettings.Max,
                OomGroup = random.Percent(30),
            };
        }

        var processes = new List<ProcessSpec>();
        foreach (ProcessSpec process in scenario.Processes)
        {
            string? group = random.Percent(20) ? null : paths[random.Below((ulong)groups.Length)];
            processes.Add(process with { Group = group });
        }

        return scenario with
        {
            EndNs = EndNs,
            Machine = scenario.Machine with { Groups = groups },
            Processes = processes,
        };
    }

    private static string? ProblemOf(ulong seed) => ProblemOf(seed, Of(seed));

    private static string? ProblemOf(ulong seed, Scenario scenario)
    {
        var random = new RandomStream(RandomStream.Derive(seed, "ways"));
        string expected = "";
        string engine = "";
        try
        {
            for (int way = 0; way < 4; way++)
            {
                EngineSettings settings = way switch
                {
                    0 => scenario.Engine with { Audit = AuditLevel.Round, WindowNs = 50_000 },
                    1 => scenario.Engine with { Audit = AuditLevel.End, WindowNs = 3_600_000_000_000 },
                    2 => scenario.Engine with { WindowNs = ChaosScenario.Window(ref random), Threads = 2 },
                    _ => scenario.Engine with { WindowNs = ChaosScenario.Window(ref random), ScheduleSeed = seed },
                };
                engine = settings.ToString();
                Scenario one = scenario with { Engine = settings };
                string outcome = way < 2 ? Outcome.OfLoop(one) : Outcome.OfActors(one);
                if (way == 0)
                    expected = outcome;
                if (outcome != expected || outcome.Contains("violated", StringComparison.Ordinal))
                    return $"{expected} != {outcome} with {engine}";
            }
        }
        catch (Exception bug) when (bug is not OutOfMemoryException)
        {
            return $"{bug} with {engine}";
        }

        return null;
    }
}
