using System.Runtime.CompilerServices;
using LinuxMem.Abi;

namespace LinuxMem.Arch.Paging;

/// <summary>What a leaf entry of a format must look like for each kind of access, as masks.</summary>
internal sealed class EntryRights
{
    private readonly Masks[] masks = new Masks[3];

    /// <summary>The masks of a format.</summary>
    public EntryRights(PteFormat format)
    {
        for (int kind = 0; kind < masks.Length; kind++)
        {
            bool write = kind == (int)AccessKind.Write;
            ulong kept = format.Accessed | (write ? format.Dirty : 0);
            ulong bySoftware = format.HardwareAccessedDirty ? 0 : kept;
            ulong set = format.Present | format.User | (write ? format.Write : 0) | bySoftware;
            ulong clear = kind == (int)AccessKind.Execute ? format.NoExec : 0;
            masks[kind] = new Masks(set | clear, set, kept & ~bySoftware, bySoftware);
        }
    }

    /// <summary>Whether an entry lets an access through.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Permit(ulong entry, AccessKind kind)
    {
        ref readonly Masks of = ref masks[(int)kind];
        return (entry & of.Relevant) == of.Set;
    }

    /// <summary>Whether an entry would let an access through if software had set the accessed and dirty bits that it
    /// asks for.</summary>
    public bool PermitButForAccessedDirty(ulong entry, AccessKind kind) =>
        Permit(entry | masks[(int)kind].BySoftware, kind);

    /// <summary>The accessed and dirty bits that the hardware sets for an access; 0 where software keeps
    /// them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong BitsToSet(AccessKind kind) => masks[(int)kind].ByHardware;

    /// <summary>The bits that decide, those of them that must be set, and who sets the accessed and dirty
    /// bits.</summary>
    private readonly record struct Masks(ulong Relevant, ulong Set, ulong ByHardware, ulong BySoftware);
}
