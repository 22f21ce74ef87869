using LinuxMem.Actors.Tests.Support;
using LinuxMem.Arch.Memory;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Auditing;

/// <summary>
/// Every invariant, broken on purpose in a machine that runs, is reported by the audit of that machine.
/// </summary>
public class PlantedOnMachineSpec
{
    public static TheoryData<string> Names => [.. All.Select(p => p.ToString())];

    private static IEnumerable<MachinePlant> All => [.. FramePlants.All, .. SpacePlants.All, .. PressurePlants.All];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_bug_planted_in_a_running_machine_is_found(string name)
    {
        MachinePlant plant = All.Single(p => p.ToString() == name);
        using var machine = new DirectMachine(Subject(plant.OnDisk, plant.KeepsBytes));
        var victim = new Victim(machine);
        bool planted = false;
        machine.BeforeAudit = _ =>
        {
            // What shows only in later loads is planted again and again: a store would heal it.
            if (!planted || plant.Later)
                planted |= plant.Damage(victim);
        };
        while (!machine.Done && (!planted || plant.Later) && Violations(machine).Count == 0)
            machine.Step();
        Assert.True(planted, "the machine never came to where the bug can be");
        IReadOnlyList<string> violations = Violations(machine);
        Assert.True(violations.Any(v => v.Contains(plant.Id, StringComparison.Ordinal)),
            $"expected {plant.Id}, found {violations.Count}: {string.Join('\n', violations.Take(5))}");
    }

    [Fact]
    public void Without_a_bug_nothing_is_found()
    {
        using var machine = new DirectMachine(Subject(onDisk: false));
        Assert.Equal([], machine.RunToEnd().Audit.Violations);
        Assert.True(machine.Insides.Audit.Result().Checks > 1000);
    }

    private static IReadOnlyList<string> Violations(DirectMachine machine) =>
        machine.Insides.Audit.Result().Violations;

    private static Scenario Subject(bool onDisk, bool keepsBytes = false)
    {
        Scenario scenario = onDisk ? DiskScenario.Make() : Scenarios.Parse(Text);
        return scenario with
        {
            Engine = new EngineSettings { Audit = AuditLevel.Round, WindowNs = 2_000 },
            Machine = keepsBytes ? scenario.Machine with { Contents = ContentMode.Bytes } : scenario.Machine,
        };
    }

    private const string Text = """
        {
          "name": "subject", "machine": { "cpus": 2, "memory": "8MiB", "slice": "30us" },
          "processes": [
            {
              "name": "parent", "count": 2,
              "steps": [
                { "brk": { "grow": "64KiB" } },
                { "touch": { "region": "heap" } },
                { "mmap": { "length": "64KiB", "as": "m" } },
                { "touch": { "region": "m" } },
                { "mprotect": { "region": "m", "length": "16KiB", "prot": "r" } },
                { "access": { "region": "heap", "pattern": "uniform", "count": 300, "writePercent": 50 } },
                {
                  "fork": {
                    "count": 2, "name": "child",
                    "steps": [ { "access": { "region": "heap", "pattern": "uniform", "count": 400,
                        "writePercent": 30 } } ],
                  },
                },
                { "access": { "region": "heap", "pattern": "uniform", "count": 2000, "writePercent": 50 } },
                { "wait": "all" },
                { "munmap": { "region": "m" } },
                { "access": { "region": "heap", "pattern": "uniform", "count": 3000, "writePercent": 20 } },
              ],
            },
          ],
        }
        """;
}
