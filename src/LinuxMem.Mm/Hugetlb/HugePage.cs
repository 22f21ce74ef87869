namespace LinuxMem.Mm.Hugetlb;

/// <summary>A huge page of private memory, which address spaces share after fork until one of them writes.</summary>
public sealed class HugePage
{
    /// <summary>Address spaces that have it.</summary>
    public int Owners { get; set; } = 1;
}
