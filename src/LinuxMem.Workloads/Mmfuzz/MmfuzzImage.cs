using LinuxMem.Abi;

namespace LinuxMem.Workloads.Mmfuzz;

/// <summary>
/// Addresses inside the executable that made the reference logs: mmfuzz.c by gcc 12.2 -O1 -static with glibc 2.36. The
/// pages that the program itself touches between its calls, taken from the page faults of a real run.
/// </summary>
internal static class MmfuzzImage
{
    /// <summary>Where the heap of this executable begins; another executable lies elsewhere.</summary>
    public const ulong BrkStart = 0x4b0000;

    /// <summary>Thread control block and the C library's own heap, from <see cref="BrkStart"/> on.</summary>
    public const ulong LibraryHeapBytes = 0x22000;

    /// <summary>Where code begins.</summary>
    public const ulong TextStart = 0x401000;

    /// <summary>PRNG, fork depth, and where the walk's mappings are: one page of .data.</summary>
    public const ulong Variables = 0x4a93e0;

    /// <summary>The function that makes a step.</summary>
    public const ulong StepCode = 0x4018ca;

    /// <summary>Its jump table, 4 bytes an entry.</summary>
    public const ulong JumpTable = 0x47b040;

    /// <summary>How many of step's cases are in the jump table; the last one is a comparison.</summary>
    public const uint JumpTableCases = 15;

    /// <summary>strchr, as chosen for a CPU with AVX2.</summary>
    public const ulong StrchrCode = 0x425fc0;

    /// <summary>The wrappers of system calls: all within one window of fault-around.</summary>
    public const ulong LibcCode = 0x4316c3;

    /// <summary>
    /// struct rseq in the thread's control block: the kernel writes it when a task comes back to its CPU.
    /// </summary>
    public const ulong Rseq = 0x4b0ca8;

    /// <summary>The child's tid, which clone writes.</summary>
    public const ulong ChildTid = 0x4b0650;

    /// <summary>set_robust_list's argument.</summary>
    public const ulong RobustList = 0x4b0660;

    /// <summary>pipe's two descriptors.</summary>
    public const ulong PipeFds = 0x4a93c8;

    /// <summary>"data".</summary>
    public const ulong DataPath = 0x48f52e;

    /// <summary>"f0"; "f1" is 3 bytes behind.</summary>
    public const ulong FilePath = 0x47b02c;

    /// <summary>"/proc/self/maps".</summary>
    public const ulong MapsPath = 0x47b004;

    /// <summary>"/proc/self/smaps_rollup".</summary>
    public const ulong RollupPath = 0x47b014;

    /// <summary>Numbers that the store leaves in the fifth argument register: a reciprocal for its division.</summary>
    public const ulong StoreReciprocal = 0x810204081020409;

    /// <summary>What a child writes on its way out of fork, after set_robust_list.</summary>
    public static ReadOnlySpan<ulong> ForkedWrites => [0x4af068, 0x4a8120, 0x4aeb78];

    /// <summary>Where execve puts arguments and the auxiliary vector.</summary>
    private const ulong ArgumentPage = 0x7fffffffefe0;

    /// <summary>The calls before main, and what is touched before each of them.</summary>
    public static IReadOnlyList<(SyscallNr Nr, MmfuzzTouch[] Touches)> Startup { get; } =
    [
        (SyscallNr.Brk,
        [
            Write(ArgumentPage), Write(0x4a9290), Execute(0x4014f0), Write(0x4aead8), Write(0x4a6a10),
            Execute(0x436850), Write(0x4a8138),
            Read(0x47b0e8), Read(0x4a5bb0), Write(0x4a5bc8), Write(0x4a70f0), Read(0x4002e0), Execute(0x419ca0),
            Execute(0x46afa0), Execute(0x458330),
        ]),
        (SyscallNr.Brk, []),
        (SyscallNr.ArchPrctl, [Write(0x4b0320)]),
        (SyscallNr.SetTidAddress, []),
        (SyscallNr.SetRobustList, []),
        (SyscallNr.Rseq, []),
        (SyscallNr.Prlimit64, [Execute(0x444610)]),
        (SyscallNr.Readlink, [Write(0x4af0b0), Read(0x4aa2b0)]),
        (SyscallNr.Getrandom, [Read(0x490218), Write(0x7fffffffdc40)]),
        (SyscallNr.Brk, []),
        (SyscallNr.Brk, []),
        (SyscallNr.Brk, []),
        (SyscallNr.Mprotect, [Execute(0x42bc60), Write(0x4b1498), Read(0x7ffff7ffd020), Read(0x48fd48)]),
    ];

    /// <summary>What main touches before it opens its first file.</summary>
    public const ulong MainCode = 0x4795d0;

    private static MmfuzzTouch Read(ulong address) => new(address, AccessKind.Read);

    private static MmfuzzTouch Write(ulong address) => new(address, AccessKind.Write);

    private static MmfuzzTouch Execute(ulong address) => new(address, AccessKind.Execute);
}
