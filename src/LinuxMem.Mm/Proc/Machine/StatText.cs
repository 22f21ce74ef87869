using System.Text;
using LinuxMem.Mm.Proc.Process;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Proc.Machine;

/// <summary>/proc/stat: CPU times, and what has happened since boot. The machine boots at virtual time 0.</summary>
/// <remarks>
/// Linux: fs/proc/stat.c: show_stat, v6.18. Interrupts and the time of kernel threads are not modelled.
/// </remarks>
public static class StatText
{
    /// <summary>Appends the text.</summary>
    public static void Append(StringBuilder text, ProcContext context)
    {
        int cpus = context.Settings.Cpus;
        long busyNs = 0;
        long userNs = 0;
        long iowaitNs = 0;
        for (int cpu = 0; cpu < cpus; cpu++)
        {
            busyNs += context.CpuTimes.BusyNs(cpu, context.NowNs);
            userNs += context.CpuTimes.UserNs(cpu, context.NowNs);
            iowaitNs += context.CpuTimes.IoWaitNs(cpu, context.NowNs);
        }

        long idleNs = (context.NowNs * cpus) - busyNs - iowaitNs;
        AppendTimes(text.Append("cpu "), userNs, busyNs - userNs, idleNs, iowaitNs);
        for (int cpu = 0; cpu < cpus; cpu++)
        {
            long ns = context.CpuTimes.BusyNs(cpu, context.NowNs);
            long waitNs = context.CpuTimes.IoWaitNs(cpu, context.NowNs);
            long ownNs = context.CpuTimes.UserNs(cpu, context.NowNs);
            text.Append(ProcFormat.Invariant, $"cpu{cpu}");
            AppendTimes(text, ownNs, ns - ownNs, context.NowNs - ns - waitNs, waitNs);
        }

        (int running, int blocked) = CountTasks(context);
        text.Append(ProcFormat.Invariant, $"intr 0\nctxt {context.CpuTimes.ContextSwitches}\nbtime 0\n");
        text.Append(ProcFormat.Invariant, $"processes {ForksEver(context)}\n");
        text.Append(ProcFormat.Invariant, $"procs_running {running}\nprocs_blocked {blocked}\n");
        text.Append("softirq 0 0 0 0 0 0 0 0 0 0 0\n");
    }

    /// <summary>Tasks that run or could run, and tasks that wait for a disk (nr_iowait).</summary>
    public static (int Running, int Blocked) CountTasks(ProcContext context)
    {
        int running = 0;
        int blocked = 0;
        foreach (ThreadGroup group in context.Tasks.Groups)
        {
            foreach (TaskStruct task in group.Tasks)
            {
                running += task.State == TaskState.Runnable ? 1 : 0;
                blocked += task.State == TaskState.WaitingForIo ? 1 : 0;
            }
        }

        return (running, blocked);
    }

    private static void AppendTimes(StringBuilder text, long userNs, long systemNs, long idleNs, long iowaitNs) =>
        text.Append(ProcFormat.Invariant, $" {Ticks(userNs)} 0 {Ticks(systemNs)} {Ticks(Math.Max(0, idleNs))} ")
            .Append(ProcFormat.Invariant, $"{Ticks(iowaitNs)} 0 0 0 0 0\n");

    private static long Ticks(long ns) => ns / PidStatText.TickNs;

    private static long ForksEver(ProcContext context)
    {
        long forks = 0;
        foreach (ThreadGroup group in context.Tasks.Groups)
            forks += group.TasksEver;
        return forks;
    }
}
