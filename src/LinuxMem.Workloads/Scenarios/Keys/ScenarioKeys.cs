using System.Collections.Immutable;
using LinuxMem.Simulation.Choices;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of a scenario and of a profile: the top of the table that reader and schema share.</summary>
internal static class ScenarioKeys
{
    /// <summary>The key that names the profile, which is looked at before the rest is read.</summary>
    public const string ProfileName = "profile";

    /// <summary>The key of the machine, which profile and scenario have in common.</summary>
    public const string MachineName = "machine";

    private const int GroupsMax = 100_000;
    private const int DescriptionCharsMax = 2000;
    private const int NameCharsMax = 64;

    /// <summary>The profiles; their machines are in config/.</summary>
    public static IReadOnlyList<string> Profiles { get; } = ["linux-6", "classic"];

    /// <summary>Which profile is meant. A text so that it can be read by itself.</summary>
    public static Shape<string> ProfileShape { get; } = new ChoiceShape<string>([.. Profiles.Select(p => (p, p))]);

    /// <summary>A whole scenario.</summary>
    public static Shape<Scenario> Scenario { get; } = MakeScenario();

    /// <summary>A profile: what machines of a kind have in common.</summary>
    public static Shape<MachineSettings> Profile { get; } = MakeProfile();

    private static ObjectShape<Scenario> MakeScenario()
    {
        (Key<string> schema, Key<string> name, Key<string> description, Key<MachineSettings> machine) = Common();
        var seed = Key.Optional("seed", new CountShape(0, ulong.MaxValue), 1UL, "Seed of every random choice.");
        var profile = Key.Optional(ProfileName, ProfileShape, Profiles[0],
            "Where the machine's settings come from that are not given.");
        var engine = Key.Optional("engine", EngineKeys.Shape(), new EngineSettings(), "The simulator's own knobs.");
        var faults = Key.Optional("faults", FaultKeys.Shape(), FaultSettings.None,
            "What is injected: fault points by Linux's names; 'linuxmem faults' tells of them.");
        var processes = Key.Required("processes",
            new ListShape<ProcessGroup>(new LocatedShape<ProcessGroup>(ProcessKeys.Shape()), GroupsMax, "processes"),
            "The processes that init starts, in this order.");
        var expect = Key.Optional("expect", ExpectKeys.Shape(), [],
            "What the result is to be; what is not is told, and the exit code is 1.");
        var choices = Key.Optional<ChoicePlan?>("choices", new ChoicesShape(), null,
            "How the machine's decisions are made where it is free to decide, as 'linuxmem explore' does.");
        var hotplug = Key.Optional("hotplug", HotplugKeys.Shape(), [], "CPUs that go away and come back.");
        var cgroups = Key.Optional("groups", GroupKeys.Shape(), [],
            "Memory cgroups: processes whose memory is counted, limited and protected together.");
        Key[] keys =
        [
            schema, name, description, seed, profile, machine, engine, faults, choices, hotplug, cgroups, processes,
            expect,
        ];
        return new ObjectShape<Scenario>("a scenario", keys, v =>
        {
            ImmutableArray<ProcessGroup> groups = v.Get(processes);
            HotplugKeys.Check(v, hotplug, processes, v.Get(machine).Cpus);
            bool isSound = ProcessChecker.Check(groups, v.Context)
                & GroupKeys.Check(v.Get(cgroups), groups, v.Context);
            return new Scenario
            {
                Name = v.Get(name),
                Description = v.Get(description),
                Seed = v.Get(seed),
                Machine = v.Has(cgroups) ? v.Get(machine) with { Groups = v.Get(cgroups) } : v.Get(machine),
                Engine = v.Get(engine),
                Faults = v.Get(faults),
                Hotplug = v.Get(hotplug),
                Processes = isSound ? ProcessExpansion.Expand(groups) : [],
                Choices = v.Get(choices),
                Expect = v.Get(expect),
            };
        });
    }

    private static ObjectShape<MachineSettings> MakeProfile()
    {
        (Key<string> schema, Key<string> name, Key<string> description, Key<MachineSettings> machine) = Common();
        return new ObjectShape<MachineSettings>("a profile", [schema, name, description, machine], v => v.Get(machine));
    }

    private static (Key<string> Schema, Key<string> Name, Key<string> Description, Key<MachineSettings> Machine)
        Common() => (
        Key.Optional("$schema", new TextShape(0, DescriptionCharsMax), "", "For editors."),
        Key.Required("name", new NameShape(NameCharsMax), "A name, for reports and files."),
        Key.Optional("description", new TextShape(0, DescriptionCharsMax), "", "A sentence on what it shows."),
        Key.Optional(MachineName, MachineKeys.Shape, new MachineSettings(), "The machine."));
}
