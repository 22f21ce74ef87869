using System.Runtime.CompilerServices;
using LinuxMem.Abi;

namespace LinuxMem.Arch.Tlbs;

/// <summary>The packing of what an entry translates to. Bit 63 is always set, so that it never equals a tag.</summary>
internal static class TlbData
{
    /// <summary>Stores are allowed.</summary>
    public const ulong Write = 1UL << 32;

    /// <summary>Instruction fetches are allowed.</summary>
    public const ulong Exec = 1UL << 33;

    /// <summary>The dirty bit is set.</summary>
    public const ulong Dirty = 1UL << 34;

    /// <summary>Packs a frame and rights.</summary>
    public static ulong Make(uint pfn, ulong rights) => (1UL << 63) | rights | pfn;

    /// <summary>Whether an entry allows an access. A user's page can always be read; a store also wants the dirty bit
    /// set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Allows(ulong entry, AccessKind kind)
    {
        ulong needed = kind switch
        {
            AccessKind.Write => Write | Dirty,
            AccessKind.Execute => Exec,
            _ => 0,
        };
        return (entry & needed) == needed;
    }
}
