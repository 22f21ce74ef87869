using LinuxMem.Abi;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls;

/// <summary>What is to be mapped, and where.</summary>
/// <param name="File">The open file; null for anonymous memory.</param>
/// <param name="Address">The address, or a wish.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Prot">Rights.</param>
/// <param name="Flags">The flags of mmap.</param>
/// <param name="Offset">Offset in the file, in bytes, whole pages.</param>
public readonly record struct MapRequest(
    OpenFile? File, ulong Address, ulong Length, ProtFlags Prot, MapFlags Flags, ulong Offset);
