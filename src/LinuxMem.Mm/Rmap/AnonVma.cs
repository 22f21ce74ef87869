namespace LinuxMem.Mm.Rmap;

/// <summary>What ties anonymous pages to the VMAs that may map them, over fork.</summary>
/// <remarks>
/// Linux: include/linux/rmap.h: struct anon_vma, v6.18. Made by the first anonymous fault of a VMA; a child's VMA gets
/// its own at fork, whose <see cref="Parent"/> is the one it came from. Two VMAs may merge only if they share one or
/// one has none.
/// </remarks>
public sealed class AnonVma
{
    /// <summary>A new one under a parent (null for a root).</summary>
    public AnonVma(int id, AnonVma? parent)
    {
        Id = id;
        Parent = parent;
        Root = parent?.Root ?? this;
    }

    /// <summary>Unique number, from 1 in order of creation; a frame's owner.</summary>
    public int Id { get; }

    /// <summary>The one that the parent process's VMA had at fork.</summary>
    public AnonVma? Parent { get; }

    /// <summary>The oldest ancestor.</summary>
    public AnonVma Root { get; }
}
