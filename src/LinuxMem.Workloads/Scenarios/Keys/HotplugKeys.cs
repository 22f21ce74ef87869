using System.Collections.Immutable;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of hotplug: CPUs and memory that go away and come back.</summary>
internal static class HotplugKeys
{
    private const int EntriesMax = 10_000;
    private const ulong CpuMax = 1023;
    private const ulong MemoryMax = 1UL << 44;

    /// <summary>A list of entries.</summary>
    public static Shape<ImmutableArray<HotplugSettings>> Shape()
    {
        var at = Key.Required("at", new TimeShape(0, TimeShape.LongestNs), "When.");
        var cpu = Key.Optional<ulong?>("cpu", new MaybeShape<ulong>(new CountShape(1, CpuMax)), null,
            "Which CPU; CPU 0 always stays.");
        var memory = Key.Optional<ulong?>("memory", new MaybeShape<ulong>(new SizeShape(0, MemoryMax)), null,
            "In place of \"cpu\": where the memory begins; a multiple of a pageblock (2 MiB with pages of 4 KiB).");
        var length = Key.Optional<ulong?>("length", new MaybeShape<ulong>(new SizeShape(1, MemoryMax)), null,
            "With \"memory\": how much of it, a multiple of a pageblock.");
        var online = Key.Required("online", new FlagShape(), "Whether it comes (true) or goes (false).");
        var entry = new ObjectShape<HotplugSettings>("a hotplug entry", [at, cpu, memory, length, online], v =>
        {
            if (v.Has(cpu) == v.Has(memory) || v.Has(memory) != v.Has(length))
            {
                v.Fail("a hotplug entry has neither \"cpu\" alone nor \"memory\" and \"length\"; "
                    + "expected one of them");
            }

            return new HotplugSettings((long)v.Get(at), (int)(v.Get(cpu) ?? 0), v.Get(online))
            {
                MemoryStart = v.Get(memory) ?? 0,
                MemoryBytes = v.Get(length) ?? 0,
            };
        });
        return new ListShape<HotplugSettings>(entry, EntriesMax, "entries");
    }

    /// <summary>Checks that entries are in order, and that they and processes name CPUs that the machine has.</summary>
    public static void Check(KeyValues v, Key<ImmutableArray<HotplugSettings>> hotplug,
        Key<ImmutableArray<ProcessGroup>> processes, int cpus)
    {
        long last = 0;
        foreach (HotplugSettings entry in v.Get(hotplug))
        {
            if (entry.Cpu >= cpus)
                v.Fail(hotplug, $"\"hotplug\" names CPU {entry.Cpu} of a machine with {cpus}; expected one it has");
            if (entry.AtNs < last)
            {
                v.Fail(hotplug, "the entries of \"hotplug\" are not in the order of their times; "
                    + "expected \"at\" to rise");
            }

            last = entry.AtNs;
        }

        foreach (ulong cpu in v.Get(processes).SelectMany(group => group.Affinity).Where(c => c >= (ulong)cpus).Take(1))
            v.Fail(processes, $"\"affinity\" names CPU {cpu} of a machine with {cpus}; expected CPUs it has");
    }
}
