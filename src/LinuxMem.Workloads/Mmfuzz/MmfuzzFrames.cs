namespace LinuxMem.Workloads.Mmfuzz;

/// <summary>Where the buffers of mmfuzz lie on its stack, by the depth of forks: 0 is the first process.</summary>
/// <remarks>
/// The stack begins below the argument strings, aligned to 16 bytes, so all runs whose command line and environment
/// are about as long lie alike. A log shows the place of one buffer (mincore's vector), which corrects it.
/// </remarks>
internal struct MmfuzzFrames
{
    private const ulong StackTop = 0x7ffffffff000;
    private const ulong FrameBytes = 0x80;      // of step, with its return address and saved registers
    private const ulong BelowStrings = 0x1440;  // from the aligned end of the strings down to step's local buffer
    private const ulong ProcBuffer = 0x2020;
    private const ulong Usage = 0xa0;
    private const ulong Block = 0x10;
    private ulong first;

    /// <summary>
    /// Frames of a program with such a file name, arguments and environment, in bytes with their zeros.
    /// </summary>
    public MmfuzzFrames(ulong stringBytes) => first = ((StackTop - 8 - stringBytes) & ~15UL) - BelowStrings;

    /// <summary>The local buffer of the function that makes a step.</summary>
    public readonly ulong Local(int depth) => first - (FrameBytes * (ulong)depth);

    /// <summary>The block that main writes the files from.</summary>
    public readonly ulong MainBlock => Local(-1) + Block;

    /// <summary>The buffer of a read of /proc; main is at depth -1.</summary>
    public readonly ulong Proc(int depth) => Local(depth) - ProcBuffer;

    /// <summary>getrusage's structure; main is at depth -1.</summary>
    public readonly ulong UsageAt(int depth) => Local(depth) - Usage;

    /// <summary>Learns where the local buffer is.</summary>
    public void LocalIs(ulong address, int depth) => first = address + (FrameBytes * (ulong)depth);
}
