namespace LinuxMem.Simulation.Results;

/// <summary>How far a run is: sent now and then while it goes on, for people's eyes only.</summary>
public sealed record RunProgress(
    long VirtualNs, long Rounds, long Accesses, long Faults, int LiveProcesses, int EndedProcesses, long FreePages,
        long TotalPages);
