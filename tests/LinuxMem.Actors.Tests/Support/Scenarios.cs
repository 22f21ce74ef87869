using System.Text;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Simulation.Locks;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios;

namespace LinuxMem.Actors.Tests.Support;

/// <summary>Small scenarios, each rich in one thing.</summary>
internal static class Scenarios
{
    private static readonly TlbSettings SmallTlb = new(new(4, 2), new(2, 2), new(8, 4), 4, 2);

    /// <summary>Names that <see cref="Of"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "families", "threads", "asids", "crowd", "naps", "server", "tiny", "alpha", "disks", "mmapLock",
    ];

    public static Scenario Of(string name) => name switch
    {
        "families" => Chaos(name, 4, new ChaosRules(40, 2, 24, 0, 80), 4),
        "threads" => Chaos(name, 6, new ChaosRules(60, 2, 48, 20, 200), 3),
        "mmapLock" => WithMmapLock(Chaos(name, 5, new ChaosRules(40, 2, 48, 20, 120), 2)),
        "asids" => Chaos(name, 2, new ChaosRules(30, 1, 16, 0, 60), 12),
        "crowd" => Chaos(name, 1, new ChaosRules(12, 1, 8, 10, 60), 40),
        "naps" => Parse(Naps),
        "server" => Parse(Server),
        "disks" => DiskScenario.Make(),
        "tiny" => BuiltIn.Read("tiny", []),
        "alpha" => BuiltIn.Read("alpha", []),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    private static Scenario WithMmapLock(Scenario scenario) =>
        scenario with { Machine = scenario.Machine with { Locks = new LockSettings { PerVma = false } } };

    /// <summary>A scenario from its text.</summary>
    public static Scenario Parse(string json) => ScenarioReader.Parse(Encoding.UTF8.GetBytes(json), "test.json", []);

    private static Scenario Chaos(string name, int cpus, ChaosRules rules, int count)
    {
        var processes = new ProcessSpec[count];
        for (int i = 0; i < count; i++)
            processes[i] = new ProcessSpec(() => new ChaosProgram(rules), i * 700);
        return new Scenario
        {
            Name = name,
            Seed = 11,
            Machine = new MachineSettings
            {
                Cpus = cpus,
                MemoryBytes = 16 << 20,
                Tlb = SmallTlb,
                SliceNs = 20_000,
            },
            Processes = processes,
        };
    }

    private const string Naps = """
        {
          "name": "naps", "machine": { "cpus": 3, "memory": "8MiB", "slice": "10us" },
          "processes": [
            {
              "name": "sleeper", "count": 7,
              "steps": [
                { "mmap": { "length": "32KiB", "as": "m" } },
                {
                  "loop": {
                    "times": 20,
                    "steps": [
                      { "access": { "region": "m", "pattern": "uniform", "count": 100, "writePercent": 50 } },
                      { "sleep": "3us" },
                      { "access": { "region": "m", "pattern": "zipf", "count": 50 } },
                      "yield",
                    ],
                  },
                },
              ],
            },
            {
              "name": "waiter",
              "steps": [
                {
                  "fork": {
                    "count": 5, "name": "child",
                    "steps": [ { "brk": { "grow": "16KiB" } }, { "touch": { "region": "heap" } }, { "sleep": "20us" } ],
                  },
                },
                { "wait": "all" },
              ],
            },
          ],
        }
        """;

    private const string Server = """
        {
          "name": "server", "machine": { "cpus": 4, "memory": "16MiB", "contents": "bytes", "slice": "50us" },
          "processes": [
            {
              "name": "server",
              "steps": [
                { "mmap": { "length": "256KiB", "as": "common", "shared": true } },
                { "brk": { "grow": "128KiB" } },
                { "touch": { "region": "heap" } },
                {
                  "fork": {
                    "count": 6, "name": "worker",
                    "steps": [
                      { "access": { "region": "common", "pattern": "zipf", "count": 2000, "writePercent": 30 } },
                      { "access": { "region": "heap", "pattern": "uniform", "count": 1000, "writePercent": 30 } },
                      { "sleep": "5us" },
                      { "access": { "region": "common", "pattern": "uniform", "count": 1000, "writePercent": 50 } },
                    ],
                  },
                },
                { "access": { "region": "heap", "pattern": "uniform", "count": 3000, "writePercent": 60 } },
                { "wait": "all" },
              ],
            },
          ],
        }
        """;
}
