namespace LinuxMem.Arch.Tlbs.Replacement;

/// <summary>
/// Which entry of a full set a TLB gives up. Implemented by structs of pointers into a <see cref="TlbArena"/> and used
/// as type arguments, so that the hot loop has no virtual call and a policy that does nothing on a hit costs nothing
/// there.
/// </summary>
/// <typeparam name="TSelf">The policy.</typeparam>
internal interface ITlbReplacement<TSelf>
    where TSelf : struct, ITlbReplacement<TSelf>
{
    /// <summary>The policy over the slots and sets of an arena.</summary>
    static abstract TSelf Over(TlbArena arena);

    /// <summary>Whether <see cref="Victim"/> names the first empty slot while there is one: an empty slot's stamp is 0,
    /// older than every tick.</summary>
    static abstract bool FindsEmpty { get; }

    /// <summary>An entry was used.</summary>
    /// <param name="slot">Its slot in the arena.</param>
    /// <param name="tick">Grows with every use and fill.</param>
    void Touch(nuint slot, long tick);

    /// <summary>An entry was put into a slot.</summary>
    void Filled(nuint slot, long tick);

    /// <summary>An entry was dropped; its tag is empty already.</summary>
    void Cleared(nuint slot);

    /// <summary>The way to give up in a set; without empty slots unless <see cref="FindsEmpty"/>.</summary>
    /// <param name="firstSlot">The set's first slot in the arena.</param>
    /// <param name="set">The set's number in the arena.</param>
    /// <param name="ways">Slots in the set.</param>
    int Victim(int firstSlot, int set, int ways);
}
