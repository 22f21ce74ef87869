using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Simulation;

namespace LinuxMem.Mm.MemMaps;

/// <summary>
/// mem_map: the descriptors of all frames, <c>PageFrame[FrameCount]</c>, indexed by page frame number.
/// </summary>
/// <remarks>
/// Linux: mm/memory.c: mem_map, v6.18. Lies in host memory that reads as zero and costs nothing until it is written, so
/// a machine of a terabyte (8 GiB of descriptors) starts at once.
/// </remarks>
public sealed unsafe class MemMap : IDisposable
{
    private readonly HostPart memory;

    /// <summary>Descriptors of <paramref name="frameCount"/> frames, all zero.</summary>
    /// <exception cref="ConfigurationException">There are no frames.</exception>
    public MemMap(uint frameCount)
        : this(frameCount, HostPart.Own)
    {
    }

    /// <summary>Descriptors in memory that <paramref name="lend"/> gives for a number of bytes.</summary>
    /// <exception cref="ConfigurationException">There are no frames.</exception>
    public MemMap(uint frameCount, Func<ulong, HostPart> lend)
    {
        if (frameCount == 0)
            throw new ConfigurationException("machine.memory: a machine has at least one frame of RAM");
        FrameCount = frameCount;
        memory = lend((ulong)frameCount * (ulong)sizeof(PageFrame));
        Frames = (PageFrame*)memory.Base;
    }

    /// <summary>Number of frames.</summary>
    public uint FrameCount { get; }

    /// <summary>Descriptor of frame 0; for the allocator, which checks page frame numbers at its door.</summary>
    internal PageFrame* Frames { get; }

    /// <summary>The descriptor of a frame.</summary>
    /// <exception cref="KernelBug">There is no such frame.</exception>
    public ref PageFrame this[Pfn pfn]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (pfn.Value >= FrameCount)
                ThrowNoFrame(pfn);
            return ref Frames[pfn.Value];
        }
    }

    /// <summary>Gives the memory back to the host. Nothing may use the descriptors afterwards.</summary>
    public void Dispose() => memory.Dispose();

    [DoesNotReturn]
    private void ThrowNoFrame(Pfn pfn) =>
        throw new KernelBug($"I04: frame {pfn} is outside mem_map, which ends at {new Pfn(FrameCount)}");
}
