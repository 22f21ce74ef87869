namespace LinuxMem.Audit.Snapshots;

/// <summary>A process that has a parent which has not waited for it yet.</summary>
public struct ProcessRecord
{
    /// <summary>The process; no two that ever were have the same.</summary>
    public long Id { get; set; }

    /// <summary>Its parent, as it says.</summary>
    public long Parent { get; set; }
}

/// <summary>A place in the list of a process's children.</summary>
public struct ChildRecord
{
    /// <summary>Whose list.</summary>
    public long Parent { get; set; }

    /// <summary>Who is in it.</summary>
    public long Child { get; set; }

    /// <summary>Whether the child says that it was waited for.</summary>
    public bool WasWaitedFor { get; set; }
}

/// <summary>A task that sleeps in a call until a futex is woken.</summary>
public struct FutexWaitRecord
{
    /// <summary>The task.</summary>
    public int Tid { get; set; }

    /// <summary>Whether a futex knows of it.</summary>
    public bool IsKnown { get; set; }
}
