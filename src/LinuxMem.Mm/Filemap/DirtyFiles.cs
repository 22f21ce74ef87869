namespace LinuxMem.Mm.Filemap;

/// <summary>The files that have dirty pages, in the order in which they became dirty (b_dirty).</summary>
/// <remarks>Linux: fs/fs-writeback.c: __mark_inode_dirty, redirty_tail, v6.18.</remarks>
public sealed class DirtyFiles
{
    private readonly List<FileWrites> files = [];

    /// <summary>The files, those dirty for longest first. Some may have been cleaned since.</summary>
    public IReadOnlyList<FileWrites> All => files;

    /// <summary>Called when a file becomes dirty and none was; null if nobody listens.</summary>
    public Action? BecameDirty { get; set; }

    /// <summary>Whether any file is dirty.</summary>
    public bool Any => files.Count > 0;

    /// <summary>A file has its first dirty page.</summary>
    public void Add(FileWrites file, long nowNs)
    {
        if (file.IsListed)
            return;
        file.IsListed = true;
        file.DirtiedNs = nowNs;
        files.Add(file);
        if (files.Count == 1)
            BecameDirty?.Invoke();
    }

    /// <summary>Takes out the files that have no dirty pages.</summary>
    public void Sweep() => files.RemoveAll(file =>
    {
        file.IsListed = file.DirtyCount > 0;
        return !file.IsListed;
    });
}
