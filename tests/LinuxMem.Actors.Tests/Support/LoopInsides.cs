using System.Reflection;
using LinuxMem.Actors.Auditing;
using LinuxMem.Actors.Kernel;
using LinuxMem.Simulation.Rounds;

namespace LinuxMem.Actors.Tests.Support;

/// <summary>What a kernel loop keeps to itself, for tests that damage it.</summary>
internal sealed class LoopInsides
{
    public LoopInsides(KernelLoop loop)
    {
        Kernel = Field<Mm.Kernel>(loop, "kernel");
        Audit = Field<MachineAudit>(loop, "audit");
        Cpus = Field<CpuState[]>(loop, "cpus");
        Conductor = Field<Conductor>(loop, "conductor");
    }

    public Mm.Kernel Kernel { get; }

    public MachineAudit Audit { get; }

    public CpuState[] Cpus { get; }

    public Conductor Conductor { get; }

    /// <summary>A private field.</summary>
    public static T Field<T>(object owner, string name) => (T)FieldOf(owner, name).GetValue(owner)!;

    /// <summary>Sets a private field, or the one behind a property.</summary>
    public static void Set(object owner, string name, object value) => FieldOf(owner, name).SetValue(owner, value);

    private static FieldInfo FieldOf(object owner, string name)
    {
        const BindingFlags all = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;
        Type type = owner.GetType();
        return type.GetField(name, all) ?? type.GetField($"<{name}>k__BackingField", all)
            ?? throw new MissingFieldException(type.Name, name);
    }
}
