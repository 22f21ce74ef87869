namespace LinuxMem.Mm.PageAlloc;

/// <summary>The zones of a machine, from low addresses to high.</summary>
/// <remarks>Linux: include/linux/mmzone.h: enum zone_type, v6.18 on x86-64, without Movable and Device.</remarks>
public enum ZoneType : byte
{
    /// <summary>The first 16 MiB.</summary>
    Dma,

    /// <summary>From 16 MiB to 4 GiB.</summary>
    Dma32,

    /// <summary>Above 4 GiB.</summary>
    Normal,
}
