namespace LinuxMem.Simulation.Settings;

/// <summary>A swap file or partition.</summary>
public sealed record SwapAreaSettings
{
    /// <summary>Path, as /proc/swaps shows it.</summary>
    public string Path { get; init; } = "/swapfile";

    /// <summary>Size in pages, the header page included; at least 2.</summary>
    public uint Pages { get; init; } = 2;

    /// <summary>Areas of higher priority are filled first, those of equal priority in turn.</summary>
    public int Priority { get; init; } = -2;

    /// <summary>The block device that holds it, by its place in the machine's list.</summary>
    public int Device { get; init; }

    /// <summary>Its first sector there.</summary>
    public ulong FirstSector { get; init; }

    /// <summary>Whether a head moves there: pages go to areas of one priority in turn, one by one.</summary>
    public bool IsRotational { get; init; }

    /// <summary>Whether it is in use from the start; else swapon takes it into use.</summary>
    public bool OnAtBoot { get; init; } = true;
}
