namespace LinuxMem.Audit.Snapshots;

/// <summary>A CPU's list of free pages of one zone, as the kernel describes it.</summary>
/// <remarks>Linux: include/linux/mmzone.h: struct per_cpu_pages, v6.18.</remarks>
public struct PcpListRecord
{
    /// <summary>The CPU.</summary>
    public int Cpu { get; set; }

    /// <summary>The zone, as an index into the zones.</summary>
    public int ZoneIndex { get; set; }

    /// <summary>The kernel's count of frames on it.</summary>
    public int CountCounter { get; set; }

    /// <summary>Above so many frames a batch goes back to the zone.</summary>
    public int High { get; set; }

    /// <summary>Frames that move at once.</summary>
    public int Batch { get; set; }
}

/// <summary>A frame on a CPU's list of free pages, as walking the list finds it.</summary>
public struct PcpPageRecord
{
    /// <summary>The CPU.</summary>
    public int Cpu { get; set; }

    /// <summary>The zone, as an index into the zones.</summary>
    public int ZoneIndex { get; set; }

    /// <summary>The frame.</summary>
    public uint Pfn { get; set; }
}
