using LinuxMem.Abi;
using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.Ksm;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Proc;

/// <summary>What the texts of /proc and /sys are made of: the kernel's state, and the moment of the reading.</summary>
public sealed class ProcContext
{
    /// <summary>The pid of init.</summary>
    public const int InitPid = 1;

    /// <summary>Of one kernel.</summary>
    public ProcContext(KernelMemory memory, TaskTable tasks, Overcommit overcommit, PressureStall pressure)
    {
        Pressure = pressure;
        Memory = memory;
        Tasks = tasks;
        Overcommit = overcommit;
    }

    /// <summary>The machine's memory.</summary>
    public KernelMemory Memory { get; }

    /// <summary>What was promised of memory.</summary>
    public Overcommit Overcommit { get; }

    /// <summary>For how long tasks waited.</summary>
    public PressureStall Pressure { get; }

    /// <summary>What merges equal pages; null until the kernel has made it.</summary>
    public KsmDaemon? Ksm { get; set; }

    /// <summary>The process table.</summary>
    public TaskTable Tasks { get; }

    /// <summary>
    /// Init, which starts the processes of a scenario and adopts orphans: /proc knows it, though it has no memory and
    /// never runs.
    /// </summary>
    public ThreadGroup Init { get; } = new(InitPid, null, "init", new RlimitTable(ResourceLimits.Default), 0);

    /// <summary>The process of a pid, or of one of its threads' tids; null if there is none to be seen.</summary>
    public ProcTarget? Find(int tid)
    {
        if (tid == InitPid)
            return new ProcTarget(Init, tid);
        if (Tasks.Find(tid) is { } task)
            return new ProcTarget(task.Group, tid);
        return Tasks.FindGroup(tid) is { } group && new ProcTarget(group, tid) is { Exists: true } target
            ? target : null;
    }

    /// <summary>Who counts the time on CPUs.</summary>
    public ICpuTimes CpuTimes => Tasks.CpuTimes;

    /// <summary>The virtual time of the reading, in nanoseconds.</summary>
    public long NowNs { get; set; }

    /// <summary>The machine.</summary>
    public MachineSettings Settings => Memory.Settings;

    /// <summary>KiB of a number of pages.</summary>
    public long Kb(long pages) => pages << (Memory.Geometry.PageShift - 10);
}
