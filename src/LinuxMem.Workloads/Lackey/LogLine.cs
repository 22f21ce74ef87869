namespace LinuxMem.Workloads.Lackey;

/// <summary>A line at hand.</summary>
/// <param name="text">Without its line feed.</param>
/// <param name="isTerminated">Whether it has one.</param>
/// <param name="isGlued">Whether it is the second part of a line that is counted already.</param>
internal readonly ref struct LogLine(ReadOnlySpan<byte> text, bool isTerminated, bool isGlued)
{
    internal ReadOnlySpan<byte> Text { get; } = text;

    internal bool IsTerminated { get; } = isTerminated;

    internal bool IsGlued { get; } = isGlued;
}
