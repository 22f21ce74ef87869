using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Accounting;

/// <summary>Settings of memory that programs change while the machine runs, by writing to /proc/sys/vm.</summary>
/// <remarks>Linux: mm/util.c: overcommit_ratio_handler, overcommit_kbytes_handler; kernel/sysctl.c: vm_table, v6.18.
/// </remarks>
public sealed class VmTunables
{
    /// <summary>As the machine starts.</summary>
    public VmTunables(VmSettings settings)
    {
        OvercommitMemory = settings.OvercommitMemory;
        OvercommitRatio = settings.OvercommitRatio;
        OvercommitKbytes = settings.OvercommitKbytes;
        MaxMapCount = settings.MaxMapCount;
    }

    /// <summary>vm.overcommit_memory.</summary>
    public OvercommitMode OvercommitMemory { get; private set; }

    /// <summary>vm.overcommit_ratio; of no meaning where an amount takes its place.</summary>
    public int OvercommitRatio { get; private set; }

    /// <summary>vm.overcommit_kbytes; 0 where the ratio counts.</summary>
    public ulong OvercommitKbytes { get; private set; }

    /// <summary>vm.max_map_count.</summary>
    public int MaxMapCount { get; private set; }

    /// <summary>Whether a file of /proc/sys/vm is one of these.</summary>
    public static bool Has(string name) =>
        name is "overcommit_memory" or "overcommit_ratio" or "overcommit_kbytes" or "max_map_count";

    /// <summary>Takes what was written to one; false for what it cannot be. Precondition: it is one of these.</summary>
    public bool TrySet(string name, long value)
    {
        switch (name)
        {
            case "overcommit_memory" when value is >= 0 and <= (long)OvercommitMode.Never:
                OvercommitMemory = (OvercommitMode)value;
                return true;
            case "overcommit_ratio" when value is >= int.MinValue and <= int.MaxValue:
                (OvercommitRatio, OvercommitKbytes) = ((int)value, 0);
                return true;
            case "overcommit_kbytes":
                // Less than nothing is taken, and changes nothing.
                if (value >= 0)
                    (OvercommitKbytes, OvercommitRatio) = ((ulong)value, 0);
                return true;
            case "max_map_count" when value is >= 0 and <= int.MaxValue:
                MaxMapCount = (int)value;
                return true;
            default:
                return false;
        }
    }
}
