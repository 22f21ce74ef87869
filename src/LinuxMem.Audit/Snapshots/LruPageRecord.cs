namespace LinuxMem.Audit.Snapshots;

/// <summary>A list of page replacement.</summary>
public enum LruList : byte
{
    /// <summary>Pages that go to swap, not used of late.</summary>
    InactiveAnon,

    /// <summary>Pages that go to swap, in use.</summary>
    ActiveAnon,

    /// <summary>Pages of files, not used of late.</summary>
    InactiveFile,

    /// <summary>Pages of files, in use.</summary>
    ActiveFile,

    /// <summary>Pages that may not leave.</summary>
    Unevictable,
}

/// <summary>A page on a list of page replacement, as walking the list finds it.</summary>
public struct LruPageRecord
{
    /// <summary>The frame.</summary>
    public uint Pfn { get; set; }

    /// <summary>The list.</summary>
    public LruList List { get; set; }
}

/// <summary>The length of a list of page replacement, as its keeper counts it.</summary>
public struct LruCounterRecord
{
    /// <summary>The list.</summary>
    public LruList List { get; set; }

    /// <summary>Pages.</summary>
    public long Count { get; set; }
}
