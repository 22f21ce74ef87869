namespace LinuxMem.Mm.Vfs;

/// <summary>How a file was opened.</summary>
/// <remarks>Linux: include/uapi/asm-generic/fcntl.h, v6.18.</remarks>
[Flags]
public enum OpenFlags
{
    /// <summary>For reading.</summary>
    ReadOnly = 0,
    /// <summary>For writing.</summary>
    WriteOnly = 0x1,
    /// <summary>For both.</summary>
    ReadWrite = 0x2,
    /// <summary>The bits of the access mode.</summary>
    AccessMode = 0x3,
    /// <summary>Made if it is not there.</summary>
    Create = 0x40,
    /// <summary>With Create: it must not be there.</summary>
    Exclusive = 0x80,
    /// <summary>A terminal does not become the caller's own (O_NOCTTY).</summary>
    NoTerminal = 0x100,
    /// <summary>Emptied.</summary>
    Truncate = 0x200,
    /// <summary>Every write goes to the end.</summary>
    Append = 0x400,
    /// <summary>Nothing waits.</summary>
    NonBlock = 0x800,
    /// <summary>Past the page cache.</summary>
    Direct = 0x4000,
    /// <summary>Reading leaves the time of the last access alone (O_NOATIME).</summary>
    NoTime = 0x40000,
    /// <summary>A link at the end of the path is not followed.</summary>
    NoFollow = 0x20000,
    /// <summary>Must be a directory.</summary>
    Directory = 0x10000,
    /// <summary>Only the path, for other calls.</summary>
    Path = 0x200000,
    /// <summary>A file without a name (__O_TMPFILE).</summary>
    TmpFile = 0x400000,
    /// <summary>Closed by execve.</summary>
    CloseOnExec = 0x80000,
}
