using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Locks;

namespace LinuxMem.Mm.Rmap;

/// <summary>What ties anonymous pages to the VMAs that may map them, over fork.</summary>
/// <remarks>
/// Linux: include/linux/rmap.h: struct anon_vma, v6.18. Made by the first anonymous fault of a VMA; a child's VMA gets
/// its own at fork, whose <see cref="Parent"/> is the one it came from. Two VMAs may merge only if they share one or
/// one has none. A page that belongs to one may be mapped by the VMAs of that one and of all that descend from it:
/// where Linux keeps an interval tree of all these VMAs in each anon_vma, here the family is walked.
/// </remarks>
public sealed class AnonVma
{
    private readonly AnonVmas all;
    private BusyTimeline? busy;
    private readonly LinkedListNode<AnonVma> inParent;

    /// <summary>A new one under a parent (null for a root), without VMAs.</summary>
    internal AnonVma(AnonVmas all, int id, AnonVma? parent)
    {
        this.all = all;
        Id = id;
        Parent = parent;
        Root = parent?.Root ?? this;
        inParent = new LinkedListNode<AnonVma>(this);
    }

    /// <summary>Unique number, from 1 in order of creation; a frame's owner.</summary>
    public int Id { get; }

    /// <summary>The one that the parent process's VMA had at fork.</summary>
    public AnonVma? Parent { get; }

    /// <summary>The oldest ancestor.</summary>
    public AnonVma Root { get; }

    /// <summary>When the family's lock (the root's rwsem) is taken.</summary>
    internal BusyTimeline Busy => busy ??= new BusyTimeline();

    /// <summary>The VMAs that have it, in the order in which they got it.</summary>
    internal LinkedList<Vma> Vmas { get; } = new();

    /// <summary>Those made from it by fork that still matter, in that order.</summary>
    internal LinkedList<AnonVma> Children { get; } = new();

    /// <summary>A VMA that has it was put into an address space.</summary>
    internal void Attach(LinkedListNode<Vma> node)
    {
        Vmas.AddLast(node);
        if (Vmas.Count == 1 && Children.Count == 0)
            Register();
    }

    /// <summary>
    /// A VMA that had it is gone or has another. Without VMAs and descendants no page can be mapped through it any
    /// more, and it is forgotten.
    /// </summary>
    internal void Detach(LinkedListNode<Vma> node)
    {
        Vmas.Remove(node);
        ForgetIfUnused();
    }

    private void Register()
    {
        all.Register(this);
        if (Parent is null || inParent.List is not null)
            return;
        if (Parent.Vmas.Count == 0 && Parent.Children.Count == 0)
            Parent.Register();
        Parent.Children.AddLast(inParent);
    }

    private void ForgetIfUnused()
    {
        if (Vmas.Count > 0 || Children.Count > 0)
            return;
        all.Forget(this);
        if (inParent.List is null)
            return;
        Parent!.Children.Remove(inParent);
        Parent.ForgetIfUnused();
    }
}
