using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;

namespace LinuxMem.Arch.Tlbs;

/// <summary>What a page fault tells the kernel: CR2 and the error code.</summary>
/// <remarks>Linux: arch/x86/include/asm/trap_pf.h: enum x86_pf_error_code, v6.18.</remarks>
public struct MmuFault
{
    /// <summary>The address accessed.</summary>
    public VirtAddr Address;

    /// <summary>What the access wanted.</summary>
    public AccessKind Kind;

    /// <summary>Whether a present entry forbade the access (X86_PF_PROT); otherwise there was none.</summary>
    public bool Present;

    /// <summary>Whether the address is none that tables can translate: a general protection fault on x86.</summary>
    public bool NonCanonical;

    /// <summary>
    /// Whether only the accessed or the dirty bit is missing, in a format whose bits software keeps;
    /// <see cref="Present"/> is then set as well.
    /// </summary>
    public bool AccessedDirtyOnly;
}
