using LinuxMem.Abi;
using LinuxMem.Mm.Fault;

namespace LinuxMem.Mm.Userfault;

/// <summary>What a message tells of a fault.</summary>
public static class UserfaultWait
{
    private const ulong WriteFlag = 1, ProtectedFlag = 2, MinorFlag = 4; // UFFD_PAGEFAULT_FLAG_*

    /// <summary>The flags of a fault.</summary>
    public static ulong FlagsOf(FaultOutcome outcome, AccessKind kind) =>
        (kind == AccessKind.Write ? WriteFlag : 0) | (outcome.IsProtected ? ProtectedFlag : 0)
        | (outcome.Kind == FaultKind.UserfaultMinor ? MinorFlag : 0);
}
