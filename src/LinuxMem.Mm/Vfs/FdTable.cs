using LinuxMem.Abi;

namespace LinuxMem.Mm.Vfs;

/// <summary>The descriptors of a task, shared by those that clone made with CLONE_FILES.</summary>
/// <remarks>Linux: fs/file.c: struct files_struct; fs/locks.c: locks_remove_posix, v6.18.</remarks>
public sealed class FdTable
{
    private readonly List<Entry> entries = [];
    private int firstFree;

    /// <summary>Tasks that use it.</summary>
    public int Users { get; private set; } = 1;

    /// <summary>One past the highest descriptor that may be (RLIMIT_NOFILE).</summary>
    public int Limit { get; set; } = 1024;

    /// <summary>The open descriptors, rising.</summary>
    public IEnumerable<int> Open
    {
        get
        {
            for (int fd = 0; fd < entries.Count; fd++)
            {
                if (entries[fd].File is not null)
                    yield return fd;
            }
        }
    }

    /// <summary>The open file of a descriptor, or null.</summary>
    public OpenFile? Find(ulong fd) => (uint)fd < (uint)entries.Count ? entries[(int)(uint)fd].File : null;

    /// <summary>Whether execve closes a descriptor. Precondition: it is open.</summary>
    public bool ClosesOnExec(int fd) => entries[fd].CloseOnExec;

    /// <summary>Says whether execve closes a descriptor. Precondition: it is open.</summary>
    public void SetCloseOnExec(int fd, bool closes) => entries[fd] = entries[fd] with { CloseOnExec = closes };

    /// <summary>The lowest free descriptor from one on; EMFILE (negated) where the limit is reached.</summary>
    public int FindFree(int from = 0)
    {
        int fd = Math.Max(from, firstFree);
        while (fd < entries.Count && entries[fd].File is not null)
            fd++;
        return fd < Limit ? fd : -(int)Errno.EMFILE;
    }

    /// <summary>Puts a file at a descriptor, in place of what was there, and takes a reference to it.</summary>
    public void Install(int fd, OpenFile file, bool closeOnExec)
    {
        while (entries.Count <= fd)
            entries.Add(default);
        OpenFile? old = entries[fd].File;
        file.Get();
        entries[fd] = new Entry(file, closeOnExec);
        while (firstFree < entries.Count && entries[firstFree].File is not null)
            firstFree++;
        if (old is not null)
            Drop(old);
    }

    /// <summary>Closes a descriptor; false if it is not open.</summary>
    public bool Close(ulong fd)
    {
        if (Find(fd) is not { } file)
            return false;
        entries[(int)fd] = default;
        firstFree = Math.Min(firstFree, (int)fd);
        Drop(file);
        return true;
    }

    // With any descriptor of a file, all locks on it go that tasks with these descriptors have taken.
    private void Drop(OpenFile file)
    {
        file.Inode.KnownLocks?.UnlockAll(this);
        file.Put();
    }

    /// <summary>One task more uses it.</summary>
    public void Share() => Users++;

    /// <summary>A task uses it no more: the last one closes everything.</summary>
    public void Release()
    {
        if (--Users > 0)
            return;
        for (int fd = 0; fd < entries.Count; fd++)
            Close((ulong)fd);
    }

    /// <summary>A copy with the same open files, for fork.</summary>
    public FdTable Copy()
    {
        var copy = new FdTable { Limit = Limit };
        for (int fd = 0; fd < entries.Count; fd++)
        {
            if (entries[fd].File is { } file)
                copy.Install(fd, file, entries[fd].CloseOnExec);
        }

        return copy;
    }

    /// <summary>Closes what execve closes.</summary>
    public void CloseForExec()
    {
        for (int fd = 0; fd < entries.Count; fd++)
        {
            if (entries[fd].CloseOnExec)
                Close((ulong)fd);
        }
    }

    private readonly record struct Entry(OpenFile? File, bool CloseOnExec);
}
