using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Vmas;
using LinuxMem.Proofs.Search;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Proofs.Structures;

/// <summary>What is mapped.</summary>
internal enum VmaSpaceKind
{
    /// <summary>Private memory, with first faults and the anon_vmas that they make.</summary>
    Private,

    /// <summary>A file at two offsets.</summary>
    File,

    /// <summary>Private memory that nobody touches, which may also lose all rights.</summary>
    Rights,
}

/// <summary>
/// A set of VMAs over six pages: mapping over whatever is there, unmapping, new rights, and first faults, of every
/// range.
/// </summary>
/// <remarks>
/// The number of a state: 5 bits a page say what is there (nothing, or rights and backing; of private memory, which
/// anon_vma, numbered by first appearance), 5 bits after which pages a VMA ends, and one that is always set. Checked
/// after every operation against an array of pages: I21 in order, disjoint, counted, the tree balanced, offsets right;
/// I22 no neighbours that could be one.
/// </remarks>
internal sealed class VmaSpace : IStateSpace
{
    private const int Pages = 6;
    private const int BitsOfPage = 5;
    private const int Shift = 12;
    private const ulong Base = 16;
    private const ulong Mark = 1UL << 63;
    private const VmFlags Rw = VmFlags.Read | VmFlags.Write;
    private readonly Mutant mutant;
    private readonly int kinds;
    private readonly int firstKind;
    private readonly int rights;
    private readonly int faults;
    private readonly List<(int First, int End)> ranges = [];
    private readonly List<UnmappedRange> removed = [];
    private readonly List<(int First, int End, PageState What)> loaded = [];
    private readonly PageState[] loadedPages = new PageState[Pages];
    private readonly PageState[] model = new PageState[Pages];
    private AddressSpace file = new(1, "file", isShmem: false);
    private AnonVmas anonVmas = new();
    private VmaSet set;

    /// <summary>Of a kind of memory, perhaps with a planted bug.</summary>
    public VmaSpace(VmaSpaceKind kind, Mutant mutant)
    {
        this.mutant = mutant;
        kinds = kind == VmaSpaceKind.File ? 4 : 2;
        firstKind = kind == VmaSpaceKind.File ? 2 : 0;
        rights = kind == VmaSpaceKind.Rights ? 3 : 2;
        faults = kind == VmaSpaceKind.Private ? Pages : 0;
        for (int first = 0; first < Pages; first++)
        {
            for (int end = first + 1; end <= Pages; end++)
                ranges.Add((first, end));
        }

        set = NewSet();
    }

    /// <inheritdoc/>
    public ulong Start => Mark;

    private int RangeCalls => 1 + kinds + rights;

    /// <inheritdoc/>
    public int Load(ulong state)
    {
        loaded.Clear();
        ulong ends = state >> (Pages * BitsOfPage);
        int first = 0;
        for (int page = 0; page < Pages; page++)
        {
            loadedPages[page] = PageState.Of((int)(state >> (page * BitsOfPage)) & 31);
            if (page < Pages - 1 && (ends >> page & 1) == 0)
                continue;
            if (!loadedPages[page].IsNone)
                loaded.Add((first, page + 1, loadedPages[page]));
            first = page + 1;
        }

        return (ranges.Count * RangeCalls) + faults;
    }

    /// <inheritdoc/>
    public ulong Do(int operation)
    {
        Restore();
        if (operation >= ranges.Count * RangeCalls)
        {
            Fault(operation - (ranges.Count * RangeCalls));
        }
        else
        {
            (int first, int end) = ranges[operation / RangeCalls];
            int call = operation % RangeCalls;
            if (call == 0)
                Unmap(first, end);
            else if (call <= kinds)
                Map(first, end, PageState.Fresh(firstKind + call - 1));
            else
                Protect(first, end, (PageRights)(call - kinds - 1));
        }

        return Compare();
    }

    /// <inheritdoc/>
    public string Describe(int operation)
    {
        if (operation >= ranges.Count * RangeCalls)
            return $"first fault in page {operation - (ranges.Count * RangeCalls)}";
        (int first, int end) = ranges[operation / RangeCalls];
        int call = operation % RangeCalls;
        string range = $"pages {first} to {end - 1}";
        return call == 0 ? $"unmap {range}"
            : call <= kinds ? $"map {range} {PageState.Fresh(firstKind + call - 1)}"
            : $"protect {range} {(PageRights)(call - kinds - 1)}";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private VmaSet NewSet() => new(Shift, 0, 1UL << 40) { Mutant = mutant };

    // As fork copies VMAs: one by one, merging nothing.
    private void Restore()
    {
        set = NewSet();
        anonVmas = new AnonVmas();
        file = new AddressSpace(1, "file", isShmem: false);
        loadedPages.CopyTo(model, 0);
        var byNumber = new AnonVma?[Pages + 1];
        foreach ((int first, int end, PageState what) in loaded)
        {
            AddressSpace? mapping = what.IsFile ? file : null;
            var vma = new Vma(Shift, At(first), At(end), what.Flags, what.PgOff(first), mapping, null);
            AnonVma? anonVma = what.Anon == 0 ? null : byNumber[what.Anon] ??= anonVmas.New(null);
            set.AddCopy(vma, anonVma).LeftUnmerged = false;
        }
    }

    private void Map(int first, int end, PageState what)
    {
        Unmap(first, end);
        set.Map(At(first), At(end), what.Flags, what.PgOff(first), what.IsFile ? file : null, null);
        Array.Fill(model, what, first, end - first);
    }

    private void Unmap(int first, int end)
    {
        removed.Clear();
        KernelBug.Assert(set.Unmap(At(first), At(end), removed) == Errno.None, "I21: unmapping fails");
        Array.Fill(model, default, first, end - first);
    }

    private void Protect(int first, int end, PageRights wanted)
    {
        for (ulong at = At(first); at < At(end);)
        {
            Vma? vma = set.Tree.FindIntersection(at, At(end));
            if (vma is null)
                break;
            ulong to = Math.Min(At(end), vma.End);
            VmFlags flags = (vma.Flags & ~Rw) | PageState.FlagsOf(wanted);
            Errno error = set.ModifyFlags(vma, Math.Max(at, vma.Start), to, flags, out _);
            KernelBug.Assert(error == Errno.None, $"I21: new rights end in {error}");
            at = to;
        }

        for (int page = first; page < end; page++)
            model[page] = model[page].With(wanted);
    }

    // Which anon_vma it gets is the kernel's to choose; the pages of one VMA have the same, and keep it.
    private void Fault(int page)
    {
        if (set.Tree.FindContaining(At(page)) is { } vma && vma.IsAnonymous)
            anonVmas.Prepare(vma);
    }

    // Compares the VMAs with the array, and returns the state.
    private ulong Compare()
    {
        ulong state = Mark;
        ulong known = 0;
        int anonCount = 0;
        int at = 0;
        int mapped = 0;
        var numbers = new AnonVma?[Pages + 1];
        set.Validate();
        for (Vma? vma = set.Tree.First; vma is not null; vma = vma.NextVma)
        {
            int first = (int)(vma.Start >> Shift) - (int)Base;
            int end = (int)(vma.End >> Shift) - (int)Base;
            KernelBug.Assert(first >= at && end > first && end <= Pages, $"I21: {vma} is out of order or place");
            KernelBug.Assert(vma.PrevVma is not { } below || vma.LeftUnmerged || !VmaMergeRules.CanMerge(below, vma),
                $"I22: {vma} and the VMA below could be one");
            int number = vma.AnonVma is null ? 0 : NumberOf(vma.AnonVma, numbers, ref anonCount);
            for (int page = first; page < end; page++, mapped++)
            {
                PageState wanted = model[page];
                KernelBug.Assert(!wanted.IsNone && vma.Flags == wanted.Flags && vma.Mapping is not null == wanted.IsFile
                    && vma.PageIndexOf(At(page)) == wanted.PgOff(page), $"I21: {vma} has page {page}, {wanted}");
                // An anon_vma is never lost: pages may be tied to it.
                KernelBug.Assert(wanted.Anon == 0 || number != 0, $"I12: {vma} has lost the anon_vma of page {page}");
                state |= (ulong)(wanted with { Anon = number }).Code << (page * BitsOfPage);
            }

            known |= first > 0 ? 1UL << (first - 1) : 0;
            known |= end < Pages ? 1UL << (end - 1) : 0;
            at = end;
        }

        int wantedPages = 0;
        foreach (PageState page in model)
            wantedPages += page.IsNone ? 0 : 1;
        KernelBug.Assert(mapped == wantedPages && set.TotalVmPages == (ulong)mapped,
            $"I21: {mapped} pages are mapped, {set.TotalVmPages} counted");
        KeepAnonymous(state);
        return state | (known << (Pages * BitsOfPage));
    }

    // Pages that had different anon_vmas still do, and those that had one the same.
    private void KeepAnonymous(ulong state)
    {
        for (int one = 0; one < Pages; one++)
        {
            for (int other = 0; other < one; other++)
            {
                if (model[one].Anon == 0 || model[other].Anon == 0)
                    continue;
                bool areSame = PageState.Of((int)(state >> (one * BitsOfPage)) & 31).Anon
                    == PageState.Of((int)(state >> (other * BitsOfPage)) & 31).Anon;
                KernelBug.Assert(areSame == (model[one].Anon == model[other].Anon),
                    $"I12: pages {other} and {one} are tied to other anon_vmas than before");
            }
        }
    }

    private static int NumberOf(AnonVma anonVma, AnonVma?[] numbers, ref int count)
    {
        for (int number = 1; number <= count; number++)
        {
            if (ReferenceEquals(numbers[number], anonVma))
                return number;
        }

        numbers[++count] = anonVma;
        return count;
    }

    private static ulong At(int page) => (Base + (ulong)page) << Shift;
}
