using LinuxMem.Abi;

namespace LinuxMem.Mm.Tasks;

/// <summary>
/// From which nodes a task would have its memory. On a machine with one node it decides nothing but what
/// get_mempolicy tells.
/// </summary>
/// <remarks>Linux: mm/mempolicy.c: struct mempolicy, mpol_new, mpol_set_nodemask, v6.18; one node, node 0.</remarks>
/// <param name="Mode">MPOL_*; 0 is the default policy.</param>
/// <param name="Flags">MPOL_F_STATIC_NODES and its kin.</param>
/// <param name="Nodes">The nodes it names, as bits.</param>
/// <param name="IsHomed">Whether node 0 was made its home (set_mempolicy_home_node).</param>
public readonly record struct MemoryPolicy(uint Mode, uint Flags, ulong Nodes, bool IsHomed = false)
{
    private const uint Default = 0;
    private const uint Preferred = 1;
    private const uint Bind = 2;
    private const uint Local = 4;
    private const uint PreferredMany = 5;
    private const uint ModeEnd = 7;
    private const uint StaticNodes = 0x8000;
    private const uint RelativeNodes = 0x4000;
    private const uint Balancing = 0x2000;
    private const uint AllFlags = StaticNodes | RelativeNodes | Balancing;
    private const ulong Node0 = 1;

    /// <summary>The mode with its flags, as programs see it.</summary>
    public uint Shown => Mode | Flags;

    /// <summary>Whether it is of a kind that can have a home.</summary>
    public bool CanHaveHome => Mode is Bind or PreferredMany;

    /// <summary>Whether mode and flags make sense at all: EINVAL if not.</summary>
    /// <remarks>Linux: mm/mempolicy.c: sanitize_mpol_flags, v6.18.</remarks>
    public static Errno CheckMode(uint asked)
    {
        uint flags = asked & AllFlags;
        uint mode = asked & ~AllFlags;
        const uint eitherOr = StaticNodes | RelativeNodes;
        bool wrong = mode >= ModeEnd || (flags & eitherOr) == eitherOr
            || ((flags & Balancing) != 0 && mode is not (Bind or PreferredMany));
        return wrong ? Errno.EINVAL : Errno.None;
    }

    /// <summary>Makes a policy of what a program asks for; EINVAL if it makes no sense here.</summary>
    /// <param name="asked">Mode and flags.</param>
    /// <param name="nodes">The nodes, as bits.</param>
    /// <param name="policy">The policy.</param>
    public static Errno TryMake(uint asked, ulong nodes, out MemoryPolicy policy)
    {
        policy = default;
        uint flags = asked & AllFlags;
        uint mode = asked & ~AllFlags;
        const uint eitherOr = StaticNodes | RelativeNodes;
        if (CheckMode(asked) != Errno.None)
            return Errno.EINVAL;
        if (mode == Default)
            return nodes != 0 ? Errno.EINVAL : Errno.None;
        if (mode is Local or Preferred && nodes == 0)
        {
            policy = new MemoryPolicy(Local, 0, 0);
            return (flags & eitherOr) != 0 ? Errno.EINVAL : Errno.None;
        }

        // Counted from the first node that may be used, every node is node 0.
        ulong there = (flags & RelativeNodes) != 0 && nodes != 0 ? Node0 : nodes & Node0;
        if (mode == Local || there == 0)
            return Errno.EINVAL;
        policy = new MemoryPolicy(mode, flags, (flags & eitherOr) != 0 ? nodes : Node0);
        return Errno.None;
    }
}
