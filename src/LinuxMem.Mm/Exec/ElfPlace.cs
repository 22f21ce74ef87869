namespace LinuxMem.Mm.Exec;

/// <summary>How the address of a segment to be mapped is meant.</summary>
public enum ElfPlace
{
    /// <summary>As a wish; 0 for none.</summary>
    Anywhere,

    /// <summary>There, in place of what is mapped (MAP_FIXED).</summary>
    Fixed,

    /// <summary>There, where nothing may be mapped (MAP_FIXED_NOREPLACE).</summary>
    FixedNoReplace,
}
