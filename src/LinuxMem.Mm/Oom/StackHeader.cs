using LinuxMem.Mm.Proc;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Oom;

/// <summary>The line with which Linux begins a call trace: which CPU, and for whom it works.</summary>
/// <remarks>Linux: lib/dump_stack.c: dump_stack_print_info, v6.18, of a kernel without taints and build id.</remarks>
public static class StackHeader
{
    private const int InitPid = 1;

    /// <summary>The line of a task; of init where nobody is served.</summary>
    public static string Of(TaskStruct? task) => Of(
        Math.Max(task?.LastCpu ?? 0, 0), task?.Credentials.Uid ?? 0, task?.Tid ?? InitPid,
        task is null ? "init" : OomReport.NameOf(task.Group));

    /// <summary>The line of somebody who is no task yet.</summary>
    public static string Of(int cpu, uint uid, int pid, string comm) => string.Create(ProcFormat.Invariant,
        $"CPU: {cpu} UID: {uid} PID: {pid} Comm: {comm} Not tainted 6.18.0 #1 PREEMPT(none) ");
}
