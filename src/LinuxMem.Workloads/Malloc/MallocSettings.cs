namespace LinuxMem.Workloads.Malloc;

/// <summary>What a C library's malloc depends on.</summary>
public sealed record MallocSettings
{
    /// <summary>
    /// Whether it is glibc 2.41's: calloc takes from the thread's cache, and small chunks that are freed go to the bin
    /// of their size at once. Without, it is that of 2.36.
    /// </summary>
    public bool IsGlibc241 { get; init; } = true;

    /// <summary>CPUs of the machine: there are at most eight arenas for each.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>log2 of the page size.</summary>
    public int PageShift { get; init; } = 12;
}
