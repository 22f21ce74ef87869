using System.Runtime.CompilerServices;
using LinuxMem.Abi;

namespace LinuxMem.Arch.Paging;

/// <summary>What a leaf entry of a format must look like for each kind of access, as masks.</summary>
internal sealed class EntryRights
{
    private readonly ulong[] set = new ulong[3];
    private readonly ulong[] clear = new ulong[3];
    private readonly ulong[] byHardware = new ulong[3];
    private readonly ulong[] bySoftware = new ulong[3];

    /// <summary>The masks of a format.</summary>
    public EntryRights(PteFormat format)
    {
        ulong[] keptBy = format.HardwareAccessedDirty ? byHardware : bySoftware;
        for (int kind = 0; kind < 3; kind++)
        {
            set[kind] = format.Present | format.User;
            keptBy[kind] = format.Accessed;
        }

        set[(int)AccessKind.Write] |= format.Write;
        keptBy[(int)AccessKind.Write] |= format.Dirty;
        clear[(int)AccessKind.Execute] = format.NoExec;
    }

    /// <summary>Whether an entry lets an access through.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Permit(ulong entry, AccessKind kind)
    {
        ulong needed = set[(int)kind] | bySoftware[(int)kind];
        return (entry & needed) == needed && (entry & clear[(int)kind]) == 0;
    }

    /// <summary>Whether an entry would let an access through if software had set the accessed and dirty bits that it
    /// asks for.</summary>
    public bool PermitButForAccessedDirty(ulong entry, AccessKind kind) => Permit(entry | bySoftware[(int)kind], kind);

    /// <summary>The accessed and dirty bits that the hardware sets for an access; 0 where software keeps
    /// them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong BitsToSet(AccessKind kind) => byHardware[(int)kind];
}
