using LinuxMem.Mm.Vmas;

namespace LinuxMem.Proofs.Structures;

/// <summary>What may be done with a page.</summary>
internal enum PageRights
{
    /// <summary>Reading and writing.</summary>
    ReadWrite,

    /// <summary>Reading.</summary>
    Read,

    /// <summary>Nothing.</summary>
    None,
}

/// <summary>What a page of an address space is, as a naive array has it: nothing (the default), or a page of
/// these.</summary>
/// <param name="IsMapped">Whether there is anything.</param>
/// <param name="Rights">What may be done with it.</param>
/// <param name="IsFile">Whether it is a file's rather than private memory.</param>
/// <param name="IsShifted">Whether the file is mapped one page further on than the address says.</param>
/// <param name="Anon">Of private memory: the number of its anon_vma; 0 for none.</param>
internal readonly record struct PageState(bool IsMapped, PageRights Rights, bool IsFile, bool IsShifted, int Anon)
{
    private const int FirstAnonCode = 7;
    private const int HiddenCode = 31;

    /// <summary>Whether there is nothing.</summary>
    public bool IsNone => !IsMapped;

    /// <summary>As flags of a VMA.</summary>
    public VmFlags Flags => FlagsOf(Rights) | (IsFile ? VmFlags.Shared : VmFlags.None);

    /// <summary>As a number below 32.</summary>
    public int Code => !IsMapped ? 0
        : Rights == PageRights.None ? HiddenCode
        : Anon > 0 ? FirstAnonCode + (2 * (Anon - 1)) + (int)Rights
        : 1 + (IsFile ? IsShifted ? 4 : 2 : 0) + (int)Rights;

    /// <summary>The page of a number.</summary>
    public static PageState Of(int code)
    {
        if (code == 0)
            return default;
        if (code == HiddenCode)
            return new PageState(true, PageRights.None, false, false, 0);
        int from = code >= FirstAnonCode ? code - FirstAnonCode : code - 1;
        var rights = (PageRights)(from & 1);
        return code >= FirstAnonCode ? new PageState(true, rights, false, false, 1 + (from / 2))
            : new PageState(true, rights, code > 2, code > 4, 0);
    }

    /// <summary>One that was just mapped: private memory, then a file's, then one further on; each with both rights.
    /// </summary>
    public static PageState Fresh(int kind) => Of(1 + kind);

    /// <summary>Where its object has it.</summary>
    /// <param name="page">Its place in the range.</param>
    public ulong PgOff(int page) => IsFile ? (ulong)page + (IsShifted ? 1UL : 0) : 16 + (ulong)page;

    /// <summary>The same with other rights; nothing stays nothing.</summary>
    public PageState With(PageRights rights) => IsMapped ? this with { Rights = rights } : this;

    /// <summary>Rights as flags of a VMA.</summary>
    public static VmFlags FlagsOf(PageRights rights) => rights switch
    {
        PageRights.ReadWrite => VmFlags.Read | VmFlags.Write,
        PageRights.Read => VmFlags.Read,
        _ => VmFlags.None,
    };

    /// <inheritdoc/>
    public override string ToString() => !IsMapped ? "nothing"
        : $"{(IsFile ? IsShifted ? "file+1" : "file" : "private")} {Rights}";
}
