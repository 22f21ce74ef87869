namespace LinuxMem.Audit;

/// <summary>A broken invariant that the auditor found.</summary>
/// <param name="Id">The invariant, such as "I17".</param>
/// <param name="Message">
/// The report, such as "I17 violated: frame 0x3a is free; cpu1 TLB (asid 4, va 0x7f000) = 0x3a".
/// </param>
public readonly record struct Violation(string Id, string Message);
