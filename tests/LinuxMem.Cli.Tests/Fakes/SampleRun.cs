using LinuxMem.Reporting;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Cli.Tests.Fakes;

internal static class SampleRun
{
    public const string Digest = "00000000deadbeef";

    public static Scenario Scenario { get; } = new()
    {
        Name = "sample",
        Description = "A scenario of the tests.",
        Seed = 5,
        Processes = [],
    };

    public static RunResult Of(Scenario scenario) => new()
    {
        Scenario = scenario.Name,
        Seed = scenario.Seed,
        Build = "0.1.0",
        Threads = scenario.Engine.Threads,
        Digest = Digest,
        VirtualNs = 1_000_000,
        Rounds = 10,
        Accesses = 1_000,
        VmStat = [new("pgfault", 12), new("pgmajfault", 0)],
        FaultKinds = [new("anonymous", 12)],
        Processes = [Process()],
        Cpus = [],
        Memory = new MemoryResult
        {
            PageBytes = 4096,
            TotalPages = 256,
            FreePages = 200,
            AnonPages = 50,
            ShmemPages = 0,
            FilePages = 0,
            PageTablePages = 6,
        },
        BuddyInfo = ["Node 0, zone      DMA      0"],
        Audit = new AuditResult(Level(scenario.Engine.Audit), 10, []),
        UnknownCalls = [],
    };

    public static RunResult Broken(Scenario scenario) =>
        Of(scenario) with { Audit = new AuditResult("end", 10, ["I07: a frame is lost"]) };

    public static ReplayTotals Totals(int rejected) => new()
    {
        Lines = 100,
        Accesses = 80,
        Calls = 5,
        Notes = 15 - rejected,
        Rejected = rejected,
        RejectedMessages =
            [.. Enumerable.Range(1, Math.Min(rejected, 20)).Select(i => $"x.log:{i}: not a line of a lackey log")],
    };

    private static string Level(AuditLevel level) => level switch
    {
        AuditLevel.Off => "off",
        AuditLevel.End => "end",
        _ => "round",
    };

    private static ProcessResult Process() => new()
    {
        Pid = 2,
        Ppid = 1,
        Comm = "init",
        Threads = 1,
        Accesses = 1_000,
        MinFlt = 12,
        MajFlt = 0,
        VszKiB = 100,
        RssKiB = 50,
        MaxRssKiB = 60,
        StartNs = 0,
        EndNs = 900_000,
        CpuNs = 800_000,
        Fate = "exited 0",
    };
}
