namespace LinuxMem.Workloads.Mmfuzz;

/// <summary>mmfuzz's MODE: which families of calls it walks among.</summary>
/// <param name="Letters">The argument.</param>
internal readonly record struct MmfuzzMode(string Letters)
{
    /// <summary>f: mappings of files and calls on files.</summary>
    public bool Files => Has('f');

    /// <summary>k: fork.</summary>
    public bool Forks => Has('k');

    /// <summary>r: mremap.</summary>
    public bool Mremaps => Has('r');

    /// <summary>b: brk.</summary>
    public bool Brks => Has('b');

    /// <summary>m: madvise, msync, mlock, munlock, mincore.</summary>
    public bool Advises => Has('m');

    /// <summary>p: reads of /proc.</summary>
    public bool Procs => Has('p');

    private bool Has(char letter) => Letters.Contains(letter, StringComparison.Ordinal);
}
