namespace LinuxMem.Mm.Syscalls;

/// <summary>Why pages are faulted in before a call returns, which says what a page that cannot be means.</summary>
public enum PopulateKind
{
    /// <summary>MAP_POPULATE, a locked mapping that is new or has grown, mlockall: on with the next mapping.</summary>
    Mapping,

    /// <summary>mlock: ENOMEM, or EAGAIN where memory is out.</summary>
    Mlock,

    /// <summary>MADV_POPULATE_READ: EINVAL, EFAULT or ENOMEM.</summary>
    AdviseRead,

    /// <summary>MADV_POPULATE_WRITE: EINVAL, EFAULT or ENOMEM.</summary>
    AdviseWrite,
}

/// <summary>A range whose pages are to be faulted in before the call returns.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">First address beyond.</param>
/// <param name="Kind">Why.</param>
/// <param name="Parts">Where only parts of it are meant: these, in order; null for all.</param>
public readonly record struct PopulateRange(
    ulong Start, ulong End, PopulateKind Kind = PopulateKind.Mapping, IReadOnlyList<PopulateRange>? Parts = null)
{
    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => Start >= End;
}
