using System.Runtime.InteropServices;

namespace LinuxMem.Arch.Tlbs;

/// <summary>
/// An entry's rights, laid out so that one comparison answers "is this the page, and may it be accessed so": word k
/// holds the tag if accesses of <see cref="Abi.AccessKind"/> k are allowed, and <see cref="TlbTag.Empty"/> if not. The
/// fourth word is the frame.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
internal struct TlbLine
{
    /// <summary>The tag; a user's page can always be read.</summary>
    public ulong Read;

    /// <summary>The tag if the page is writable and dirty already.</summary>
    public ulong Write;

    /// <summary>The tag if instructions may be fetched.</summary>
    public ulong Execute;

    /// <summary>Frame and rights, see <see cref="TlbData"/>.</summary>
    public ulong Data;
}
