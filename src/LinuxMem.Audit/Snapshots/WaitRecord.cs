namespace LinuxMem.Audit.Snapshots;

/// <summary>A task that waits for memory or for a disk, which no signal but a fatal one ends.</summary>
public struct WaitRecord
{
    /// <summary>The task.</summary>
    public int Tid { get; set; }

    /// <summary>Since when, in nanoseconds of virtual time.</summary>
    public long SinceNs { get; set; }

    /// <summary>Whether it waits for memory.</summary>
    public bool IsForMemory { get; set; }

    /// <summary>Whether it waits for a disk.</summary>
    public bool IsForIo { get; set; }
}
