using LinuxMem.Arch.Addresses;

namespace LinuxMem.Mm.Hotplug;

/// <summary>Frames that follow one another.</summary>
/// <param name="First">The first.</param>
/// <param name="End">The one behind the last.</param>
public readonly record struct FrameRange(uint First, uint End)
{
    /// <summary>How many.</summary>
    public uint Count => End - First;

    /// <summary>Whether a frame is one of them.</summary>
    public bool Contains(Pfn pfn) => pfn.Value >= First && pfn.Value < End;
}
