namespace LinuxMem.Mm.Filemap;

/// <summary>
/// The objects that VMAs map: files by path, shared anonymous memory by creation; and which of them are gone.
/// </summary>
public sealed class SharedObjects
{
    private readonly SortedDictionary<string, AddressSpace> files = new(StringComparer.Ordinal);
    private int lastId;

    /// <summary>Shared objects without a mapping left, whose pages the page cache has yet to give up.</summary>
    public List<AddressSpace> Dead { get; } = [];

    /// <summary>A new object of shared anonymous memory.</summary>
    /// <remarks>Linux: mm/shmem.c: shmem_zero_setup, v6.18.</remarks>
    public AddressSpace CreateShmem() => new(++lastId, "/dev/zero (deleted)", isShmem: true);

    /// <summary>The kernel's own pages that processes map ([vdso]): found by no path.</summary>
    public AddressSpace CreateHidden(string name) => new(++lastId, name, isShmem: false);

    /// <summary>The file at a path; the same object every time.</summary>
    public AddressSpace File(string path)
    {
        if (!files.TryGetValue(path, out AddressSpace? file))
            files.Add(path, file = new AddressSpace(++lastId, path, isShmem: false));
        return file;
    }

    /// <summary>Notes that a VMA of an object went: shared memory dies with its last.</summary>
    public void Released(AddressSpace mapping)
    {
        if (mapping is { IsShmem: true, VmaCount: 0 } && !Dead.Contains(mapping))
            Dead.Add(mapping);
    }

    /// <summary>The files that were ever mapped, by path: their pages stay cached when nothing maps them.</summary>
    public IReadOnlyCollection<AddressSpace> Files => files.Values;
}
