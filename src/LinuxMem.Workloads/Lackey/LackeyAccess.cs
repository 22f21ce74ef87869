using LinuxMem.Abi;

namespace LinuxMem.Workloads.Lackey;

/// <summary>One access line.</summary>
/// <param name="Kind">Execute for I, Read for L, Write for S and for M, which loads and stores the same bytes at
/// once.</param>
/// <param name="Va">Virtual address of the first byte.</param>
/// <param name="Bytes">Length, 1 to 4096.</param>
public readonly record struct LackeyAccess(AccessKind Kind, ulong Va, int Bytes);
