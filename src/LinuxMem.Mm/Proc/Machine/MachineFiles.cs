using System.Text;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Proc.Files;
using LinuxMem.Mm.Stats;

namespace LinuxMem.Mm.Proc.Machine;

/// <summary>The files of /proc that are about the whole machine.</summary>
public static class MachineFiles
{
    /// <summary>Their names, in order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "buddyinfo", "cpuinfo", "diskstats", "loadavg", "meminfo", "pagetypeinfo", "pressure/cpu", "pressure/io",
        "pressure/memory", "stat", "swaps", "uptime", "version", "vmstat", "zoneinfo",
    ];

    /// <summary>The text of that name, or null.</summary>
    public static SeqRecords? Find(string name, ProcContext context) => name switch
    {
        "buddyinfo" => Single(text => AppendBuddyinfo(text, context)),
        "cpuinfo" => new ListRecords(
            context.Settings.Cpus, (text, cpu) => MachineTexts.AppendCpu(text, context, cpu)),
        "diskstats" => Single(text => DiskstatsText.Append(text, context)),
        "loadavg" => Single(text => MachineTexts.AppendLoadavg(text, context)),
        "meminfo" => Single(text => MeminfoText.Append(text, context)),
        "pagetypeinfo" => Single(text => PagetypeinfoText.Append(text, context)),
        "pressure/cpu" => Pressure(context, p => p.CpuSome, null),
        "pressure/io" => Pressure(context, p => p.IoSome, p => p.IoFull),
        "pressure/memory" => Pressure(context, p => p.MemorySome, p => p.MemoryFull),
        "stat" => Single(text => StatText.Append(text, context)),
        "swaps" => Single(text => MachineTexts.AppendSwaps(text, context)),
        "uptime" => Single(text => MachineTexts.AppendUptime(text, context)),
        "version" => Single(MachineTexts.AppendVersion),
        "vmstat" => Vmstat(context),
        "zoneinfo" => Single(text => ZoneinfoText.Append(text, context)),
        _ => null,
    };

    private static SingleRecord Single(Action<StringBuilder> append) => new(text =>
    {
        append(text);
        return true;
    });

    // For CPUs "full" is nothing that the machine as a whole can be; Linux shows zeros there too.
    private static SingleRecord Pressure(
        ProcContext context, Func<PressureStall, StallTime> some, Func<PressureStall, StallTime>? full) =>
        Single(text =>
        {
            context.Pressure.Advance(context.NowNs);
            some(context.Pressure).AppendLine(text, "some");
            (full?.Invoke(context.Pressure) ?? new StallTime()).AppendLine(text, "full");
        });

    private static void AppendBuddyinfo(StringBuilder text, ProcContext context)
    {
        foreach (string line in BuddyInfo.Lines(context.Memory.Allocator))
            text.Append(line).Append('\n');
    }

    // A reading shows the counters as they were when it began (vmstat_start takes a copy).
    private static ListRecords Vmstat(ProcContext context)
    {
        VmstatValues? values = null;
        return new ListRecords(VmstatNames.All.Length, (text, i) =>
        {
            if (i == 0 || values is null)
                values = new VmstatValues(context);
            text.Append(VmstatNames.All[i]).Append(' ');
            text.Append(ProcFormat.Invariant, $"{values.All[i]}\n");
        });
    }
}
