using LinuxMem.Abi;

namespace LinuxMem.Mm.Tests.Syscalls;

/// <summary>One address space as its program sees it: a page at a time, no mappings, no tables.</summary>
internal sealed class AddressSpaceModel
{
    public SortedDictionary<ulong, ModelPage> Pages { get; } = [];

    public AddressSpaceModel Fork()
    {
        var child = new AddressSpaceModel();
        foreach ((ulong page, ModelPage content) in Pages)
        {
            if (!content.DontFork)
            {
                ModelPage copy = content with { Locked = false };
                child.Pages.Add(page, copy.WipeOnFork ? copy with { Value = 0, Guarded = false } : copy);
            }
        }

        return child;
    }

    public bool HasHole(ulong first, ulong count)
    {
        for (ulong page = first; page < first + count; page++)
        {
            if (!Pages.ContainsKey(page))
                return true;
        }

        return false;
    }

    public void Remove(ulong first, ulong count)
    {
        for (ulong page = first; page < first + count; page++)
            Pages.Remove(page);
    }

    /// <summary>Changes pages up to the first hole.</summary>
    public Errno Protect(ulong first, ulong count, ProtFlags prot)
    {
        for (ulong page = first; page < first + count; page++)
        {
            if (!Pages.TryGetValue(page, out ModelPage old))
                return Errno.ENOMEM;
            Pages[page] = old with { Prot = prot };
        }

        return Errno.None;
    }

    /// <summary>Locks or unlocks up to the first hole; ENOMEM also for pages that cannot be faulted in.</summary>
    public Errno Lock(ulong first, ulong count, bool locks, Func<ModelPage, bool> isBeyond)
    {
        bool unreachable = false;
        for (ulong page = first; page < first + count; page++)
        {
            if (!Pages.TryGetValue(page, out ModelPage old))
                return Errno.ENOMEM;
            Pages[page] = old with { Locked = locks };
            unreachable |= old.Prot == ProtFlags.None || old.Guarded || isBeyond(old);
        }

        return locks && unreachable ? Errno.ENOMEM : Errno.None;
    }

    /// <summary>Advises page by page over holes (ENOMEM), up to a page that refuses it (EINVAL).</summary>
    public Errno Advise(ulong first, ulong count, Func<ModelPage, bool> refuses, Func<ModelPage, ModelPage> change)
    {
        Errno error = Errno.None;
        for (ulong page = first; page < first + count; page++)
        {
            if (!Pages.TryGetValue(page, out ModelPage old))
                error = Errno.ENOMEM;
            else if (refuses(old))
                return Errno.EINVAL;
            else
                Pages[page] = change(old);
        }

        return error;
    }

    /// <summary>Moves the pages that there are; the holes between them replace nothing.</summary>
    public Errno Move(ulong from, ulong to, ulong count, bool keepsOld)
    {
        if (from + count > to && to + count > from)
            return Errno.EINVAL;
        if (!Pages.ContainsKey(from))
            return Errno.EFAULT;
        for (ulong i = 0; i < count; i++)
        {
            if (!Pages.Remove(from + i, out ModelPage moved))
                continue;
            Pages[to + i] = moved;
            if (keepsOld)
                Pages.Add(from + i, moved with { Value = 0, Locked = false, Guarded = false });
        }

        return Errno.None;
    }
}

/// <summary>A page: its rights, and its content or, if shared, where that is.</summary>
internal readonly record struct ModelPage(
    ProtFlags Prot, int SharedId, ulong Index, ulong Value, bool DontFork, bool Locked = false, bool Guarded = false,
    bool WipeOnFork = false);
