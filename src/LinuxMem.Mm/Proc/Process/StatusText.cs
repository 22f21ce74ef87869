using System.Globalization;
using System.Text;
using LinuxMem.Mm.Proc.Sys;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Proc.Process;

/// <summary>/proc/PID/status.</summary>
/// <remarks>
/// Linux: fs/proc/array.c: proc_pid_status; fs/proc/task_mmu.c: task_mem, v6.18. Every process runs as root with all
/// capabilities, on a machine whose processors need no mitigation; process groups, sessions and signals that wait are
/// not modelled.
/// </remarks>
public static class StatusText
{
    private const string NoSignals = "0000000000000000";
    private const string AllCapabilities = "000001ffffffffff";

    /// <summary>Appends the text.</summary>
    public static void Append(StringBuilder text, ProcContext context, in ProcTarget target)
    {
        AppendIdentity(text, target);
        if (target.Mm is { } mm)
            AppendMemory(text, context, mm);
        text.Append(ProcFormat.Invariant, $"Threads:\t{Math.Max(1, target.Group.Tasks.Count)}\n");
        text.Append(ProcFormat.Invariant, $"SigQ:\t0/{LimitsText.MaxThreads(context) / 2}\n");
        foreach (string mask in (ReadOnlySpan<string>)["SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt", "CapInh"])
            text.Append(mask).Append(":\t").Append(NoSignals).Append('\n');
        foreach (string set in (ReadOnlySpan<string>)["CapPrm", "CapEff", "CapBnd"])
            text.Append(set).Append(":\t").Append(AllCapabilities).Append('\n');
        text.Append("CapAmb:\t").Append(NoSignals).Append('\n');
        text.Append("NoNewPrivs:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\n");
        text.Append("Speculation_Store_Bypass:\tnot vulnerable\nSpeculationIndirectBranch:\tnot affected\n");
        int cpus = context.Settings.Cpus;
        text.Append("Cpus_allowed:\t").Append(CpuMask.Hex(cpus)).Append('\n');
        text.Append("Cpus_allowed_list:\t").Append(CpuMask.List(cpus)).Append('\n');
        text.Append("Mems_allowed:\t").Append(CpuMask.NodeZero).Append("\nMems_allowed_list:\t0\n");
        CpuUsage cpu = target.Task?.Cpu ?? target.Group.Cpu;
        text.Append(ProcFormat.Invariant, $"voluntary_ctxt_switches:\t{cpu.VoluntarySwitches}\n");
        text.Append(ProcFormat.Invariant, $"nonvoluntary_ctxt_switches:\t{cpu.InvoluntarySwitches}\n");
    }

    private static void AppendIdentity(StringBuilder text, in ProcTarget target)
    {
        CultureInfo invariant = ProcFormat.Invariant;
        int pid = target.Tid;
        text.Append("Name:\t").AppendName(target.Comm).Append("\nUmask:\t0022\n");
        text.Append("State:\t").Append(target.State).Append('\n');
        text.Append(invariant, $"Tgid:\t{target.Group.Pid}\nNgid:\t0\nPid:\t{pid}\nPPid:\t{target.ParentPid}\n");
        text.Append("TracerPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n");
        text.Append("FDSize:\t").Append(target.Task is null ? "0" : "64").Append("\nGroups:\t \n");
        text.Append(invariant, $"NStgid:\t{target.Group.Pid}\nNSpid:\t{pid}\nNSpgid:\t0\nNSsid:\t0\nKthread:\t0\n");
    }

    private static void AppendMemory(StringBuilder text, ProcContext context, Mm mm)
    {
        var sizes = new MmSizes(mm, context.Memory.Geometry.PageShift);
        text.AppendKb("VmPeak:\t", context.Kb(sizes.Peak))
            .AppendKb("VmSize:\t", context.Kb(sizes.Total))
            .AppendKb("VmLck:\t", context.Kb(sizes.Locked))
            .AppendKb("VmPin:\t", 0L)
            .AppendKb("VmHWM:\t", context.Kb(sizes.HiwaterRss))
            .AppendKb("VmRSS:\t", context.Kb(sizes.Rss))
            .AppendKb("RssAnon:\t", context.Kb(sizes.Anon))
            .AppendKb("RssFile:\t", context.Kb(sizes.File))
            .AppendKb("RssShmem:\t", context.Kb(sizes.Shmem))
            .AppendKb("VmData:\t", context.Kb(sizes.Data))
            .AppendKb("VmStk:\t", context.Kb(sizes.Stack))
            .AppendKb("VmExe:\t", context.Kb(sizes.Exe))
            .AppendKb("VmLib:\t", context.Kb(sizes.Lib))
            .AppendKb("VmPTE:\t", context.Kb(sizes.Tables))
            .AppendKb("VmSwap:\t", context.Kb(mm.SwapEntries))
            .AppendKb("HugetlbPages:\t", 0L);
        text.Append("CoreDumping:\t0\nTHP_enabled:\t1\nuntag_mask:\t0xffffffffffffffff\n");
    }
}
