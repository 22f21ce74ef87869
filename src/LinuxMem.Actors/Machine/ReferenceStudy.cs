using LinuxMem.Mm.Lru;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Machine;

/// <summary>
/// Finds what policies miss of a reference string at sizes of memory. LRU takes one pass for all sizes; every other
/// policy one run a size.
/// </summary>
public sealed class ReferenceStudy
{
    private const string Exact = "lru";
    private readonly IReadOnlyList<string> policies;
    private readonly ulong seed;
    private readonly Dictionary<ulong, int> numbers = [];
    private readonly List<int> pages = [];
    private readonly StackDistances distances = new();
    private readonly bool keepsString;
    private ulong lastPage;
    private long references;

    /// <summary>A study of policies.</summary>
    /// <param name="policies">Names of <see cref="ReplacementNames.All"/>.</param>
    /// <param name="seed">Seed of what policies draw.</param>
    /// <exception cref="ConfigurationException">There is no such policy.</exception>
    public ReferenceStudy(IReadOnlyList<string> policies, ulong seed)
    {
        foreach (string policy in policies)
        {
            if (!ReplacementNames.All.Contains(policy, StringComparer.Ordinal))
                throw new ConfigurationException($"there is no policy \"{policy}\"; expected one of "
                    + string.Join(", ", ReplacementNames.All));
        }

        this.policies = policies;
        this.seed = seed;
        keepsString = policies.Any(policy => policy != Exact);
    }

    /// <summary>The next reference.</summary>
    /// <exception cref="ConfigurationException">The string is too long to be kept.</exception>
    public void Add(ulong page)
    {
        // A page that is used again at once is a hit for every policy, and leaves it as it is.
        if (references++ > 0 && page == lastPage)
        {
            distances.AddAgain(1);
            return;
        }

        lastPage = page;
        if (!numbers.TryGetValue(page, out int number))
        {
            number = numbers.Count;
            numbers.Add(page, number);
        }

        distances.Add(number);
        if (!keepsString)
            return;
        if (pages.Count == Array.MaxLength)
            throw new ConfigurationException($"more than {Array.MaxLength} references; only lru takes so many");
        pages.Add(number);
    }

    /// <summary>Runs the policies over what was added.</summary>
    /// <param name="sizes">Sizes of memory in frames, at least 1 each; none for the powers of 2 from 1 until all pages
    /// fit.</param>
    /// <param name="cancel">Ends the study early.</param>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public MissRatioCurve Finish(IReadOnlyList<int> sizes, CancellationToken cancel)
    {
        List<int> frames = [.. sizes.Distinct().Order()];
        for (int size = 1; sizes.Count == 0; size *= 2)
        {
            frames.Add(size);
            if (size >= numbers.Count || size == 1 << 30)
                break;
        }

        int[] next = policies.Contains(ReplacementNames.Optimum) ? NextUses() : [];
        var results = new List<PolicyMisses>();
        foreach (string policy in policies)
        {
            IEnumerable<long> misses = frames.Select(size =>
                policy == Exact ? distances.Misses(size) : Run(policy, size, next, cancel));
            results.Add(new PolicyMisses(policy, [.. misses]));
        }

        return new MissRatioCurve(references, numbers.Count, frames, results);
    }

    // With a frame for every page nothing is thrown out.
    private long Run(string policy, int size, int[] next, CancellationToken cancel)
    {
        if (size >= numbers.Count)
            return numbers.Count;
        using var memory = new ReferenceString(policy, size, numbers.Count, seed);
        for (int i = 0; i < pages.Count; i++)
        {
            if ((i & 0xffff) == 0)
                cancel.ThrowIfCancellationRequested();
            memory.Use(pages[i], next.Length == 0 || next[i] < 0 ? long.MaxValue : next[i]);
        }

        return memory.Misses;
    }

    private int[] NextUses()
    {
        var next = new int[pages.Count];
        var seen = new int[numbers.Count];
        seen.AsSpan().Fill(-1);
        for (int i = pages.Count - 1; i >= 0; i--)
        {
            next[i] = seen[pages[i]];
            seen[pages[i]] = i;
        }

        return next;
    }
}
