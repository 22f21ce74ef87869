using LinuxMem.Abi;

namespace LinuxMem.Workloads.Lackey.Cpu;

/// <summary>
/// Which code of a library runs natively in place of what the log has. Valgrind 3.19 shows programs a processor without
/// AVX-512, so that the C library chooses its functions on strings from another part of its text.
/// </summary>
/// <remarks>
/// glibc 2.36: sysdeps/x86_64/multiarch/ifunc-*.h. A function with variants has a resolver, which takes the addresses
/// of all of them; those are found in its instructions. Their own instructions tell what they are for. Copying and
/// filling have variants of 512 bits, which go before those of 256: so it is on the processors of today.
/// </remarks>
internal sealed class CodeVariants
{
    // Resolvers are a screen long, and so is what tells the variants of a function apart.
    private const int ResolverBytes = 600;
    private const int LookedAtBytes = 2048;
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, IReadOnlyList<CodePair>> known = new(StringComparer.Ordinal);

    /// <summary>What is exchanged in a file, in the order of addresses. Programs on several threads may ask.</summary>
    internal IReadOnlyList<CodePair> In(string path, ExternalFile file)
    {
        lock (gate)
        {
            if (!known.TryGetValue(path, out IReadOnlyList<CodePair>? pairs))
                known.Add(path, pairs = Find(file));
            return pairs;
        }
    }

    private static IReadOnlyList<CodePair> Find(ExternalFile file)
    {
        if (IfuncTable.Read(file) is not { } table)
            return [];
        var choices = new List<List<ulong>>();
        var starts = new SortedSet<ulong>();
        for (int i = 0; i < table.Resolvers.Count; i++)
        {
            ulong at = table.Resolvers[i];
            ulong end = Math.Min(at + ResolverBytes, i + 1 < table.Resolvers.Count ? table.Resolvers[i + 1] : at
                + ResolverBytes);
            List<ulong> variants = VectorCode.AddressesTaken(table.Text(at, (int)(end - at)), at)
                .Where(table.IsCode).ToList();
            choices.Add(variants);
            starts.UnionWith(variants);
        }

        ulong[] functions = [.. starts];
        var kinds = new Dictionary<ulong, VectorKind>();
        for (int i = 0; i < functions.Length; i++)
        {
            ulong end = i + 1 < functions.Length ? functions[i + 1] : functions[i] + LookedAtBytes;
            int bytes = (int)Math.Min(end - functions[i], LookedAtBytes);
            kinds[functions[i]] = VectorCode.KindOf(table.Text(functions[i], bytes));
        }

        return Pair(table, choices, functions, kinds);
    }

    // A function that has nothing of a kind in itself, but jumps into what has, lies among its like.
    private static List<CodePair> Pair(IfuncTable table, List<List<ulong>> choices, ulong[] functions,
        Dictionary<ulong, VectorKind> kinds)
    {
        (ulong First, ulong Last) avx2 = Span(kinds, VectorKind.Avx2, 0);
        (ulong First, ulong Last) evex = Span(kinds, VectorKind.Evex, 0);
        (ulong First, ulong Last) wide = Span(kinds, VectorKind.Wide, evex.First);
        var pairs = new SortedDictionary<ulong, CodePair>();
        foreach (List<ulong> variants in choices)
        {
            List<ulong> here = Within(variants, avx2, kinds);
            List<ulong> there = Within(variants, wide, kinds);
            // Of those that use "rep movsb", which comes last, and those that do not.
            there = there.Count > 0 ? there[^1..] : Within(variants, evex, kinds);
            if (there.Count == 0)
                continue;
            for (int i = 0; i < here.Count; i++)
            {
                int next = Array.BinarySearch(functions, here[i]) + 1;
                ulong end = next < functions.Length ? functions[next] : here[i] + LookedAtBytes;
                ulong native = there[Math.Min(i, there.Count - 1)];
                pairs.TryAdd(here[i], new CodePair(table.OffsetOf(here[i]), table.OffsetOf(end),
                    table.OffsetOf(native)));
            }
        }

        return [.. pairs.Values];
    }

    private static (ulong First, ulong Last) Span(Dictionary<ulong, VectorKind> kinds, VectorKind kind,
        ulong from)
    {
        ulong first = ulong.MaxValue, last = 0;
        foreach ((ulong at, VectorKind its) in kinds.OrderBy(static k => k.Key))
        {
            if (its != kind || at < from)
                continue;
            first = Math.Min(first, at);
            last = at;
        }

        return (first, last);
    }

    private static List<ulong> Within(List<ulong> variants, (ulong First, ulong Last) span,
        Dictionary<ulong, VectorKind> kinds)
    {
        var found = new SortedSet<ulong>();
        foreach (ulong at in variants)
        {
            if (at >= span.First && at <= span.Last && kinds[at] != VectorKind.Transactional)
                found.Add(at);
        }

        return [.. found];
    }
}
