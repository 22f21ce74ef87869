using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Proc;

/// <summary>What a directory /proc/PID or /proc/PID/task/TID is about.</summary>
/// <param name="Group">The process.</param>
/// <param name="Tid">The thread; the process's pid for its first thread.</param>
public readonly record struct ProcTarget(ThreadGroup Group, int Tid)
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

    /// <summary>Whether it is there to be seen: alive, or dead and not waited for.</summary>
    public bool Exists => Task is not null || !Group.IsDead || Group.Parent?.Children.Contains(Group) == true;

    /// <summary>The state as status shows it: a letter, then its meaning in parentheses.</summary>
    /// <remarks>Linux: fs/proc/array.c: task_state_array, v6.18; vfork waits uninterruptibly.</remarks>
    public string State => Task?.State switch
    {
        null when Group.Pid == ProcContext.InitPid => "S (sleeping)",
        null or TaskState.Dead => "Z (zombie)",
        TaskState.Runnable => "R (running)",
        TaskState.WaitingForVfork or TaskState.WaitingForIo or TaskState.WaitingForLock => "D (disk sleep)",
        _ => "S (sleeping)",
    };

    /// <summary>The parent's pid: init's for who has no other, 0 for init.</summary>
    public int ParentPid => Group.Pid == ProcContext.InitPid ? 0 : Group.Parent?.Pid ?? ProcContext.InitPid;

    /// <summary>The command name, at most 15 characters (TASK_COMM_LEN).</summary>
    public string Comm => Group.Comm.Length > 15 ? Group.Comm[..15] : Group.Comm;
}
