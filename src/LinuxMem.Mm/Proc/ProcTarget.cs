using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Proc;

/// <summary>What a directory /proc/PID or /proc/PID/task/TID is about.</summary>
/// <param name="Group">The process.</param>
/// <param name="Tid">The thread; the process's pid for its first thread.</param>
/// <param name="IsThread">Whether it is the directory of one thread below task/.</param>
public readonly record struct ProcTarget(ThreadGroup Group, int Tid, bool IsThread)
{
    /// <summary>The task, or null once it has ended.</summary>
    public TaskStruct? Task
    {
        get
        {
            foreach (TaskStruct task in Group.Tasks)
            {
                if (task.Tid == Tid)
                    return task;
            }

            return null;
        }
    }

    /// <summary>The address space, or null once the task has ended.</summary>
    public Mm? Mm => Task?.Mm;

    /// <summary>The state as status shows it: a letter, then its meaning in parentheses.</summary>
    /// <remarks>Linux: fs/proc/array.c: task_state_array, v6.18; vfork waits uninterruptibly.</remarks>
    public string State => Task?.State switch
    {
        null or TaskState.Dead => "Z (zombie)",
        TaskState.Runnable => "R (running)",
        TaskState.WaitingForVfork => "D (disk sleep)",
        _ => "S (sleeping)",
    };

    /// <summary>The parent's pid; 1 is init.</summary>
    public int ParentPid => Group.Parent?.Pid ?? 1;

    /// <summary>The command name, at most 15 characters (TASK_COMM_LEN).</summary>
    public string Comm => Group.Comm.Length > 15 ? Group.Comm[..15] : Group.Comm;
}
