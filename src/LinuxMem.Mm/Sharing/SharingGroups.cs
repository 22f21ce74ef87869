using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Simulation.Sharing;

namespace LinuxMem.Mm.Sharing;

/// <summary>Shared frames by the set of their sharers, and what pairs of processes have in common.</summary>
internal sealed class SharingGroups
{
    private const int MostGroups = 100;
    private const int MostInMatrix = 32;

    /// <summary>The sets with the most to save.</summary>
    public required IReadOnlyList<SharingGroup> Largest { get; init; }

    /// <summary>How many are not among them.</summary>
    public required long Others { get; init; }

    /// <summary>The processes of the matrix.</summary>
    public required IReadOnlyList<int> MatrixPids { get; init; }

    /// <summary>Frames that pairs of them have in common.</summary>
    public required IReadOnlyList<IReadOnlyList<long>> Matrix { get; init; }

    /// <summary>Puts frames together whose sharers are the same.</summary>
    public static SharingGroups Of(
        SharerSets sets, Dictionary<uint, int> setOf, MemMap map, IReadOnlyList<SharingProcess> processes)
    {
        var counts = new SortedDictionary<int, long[]>();
        foreach ((uint pfn, int set) in setOf)
        {
            if (!counts.TryGetValue(set, out long[]? kinds))
                counts.Add(set, kinds = new long[3]);
            kinds[SharingCensus.KindOf(map[new Pfn(pfn)].Place)]++;
        }

        int[] shown = [.. Enumerable.Range(0, processes.Count).OrderByDescending(i => processes[i].RssPages)
            .ThenBy(i => i).Take(MostInMatrix).Order()];
        var rowOf = shown.Select((process, row) => (process, row)).ToDictionary(p => p.process, p => p.row);
        long[][] matrix = [.. shown.Select(i => new long[shown.Length])];
        for (int row = 0; row < shown.Length; row++)
            matrix[row][row] = processes[shown[row]].PrivatePages;
        var groups = new List<SharingGroup>();
        foreach ((int set, long[] kinds) in counts)
        {
            IReadOnlyList<int> members = sets.MembersOf(set);
            var group = new SharingGroup([.. members.Select(m => processes[m].Pid)], kinds[0], kinds[1], kinds[2]);
            if (members.Count > 1)
                groups.Add(group);
            AddTo(matrix, [.. members.Where(rowOf.ContainsKey).Select(m => rowOf[m])], group.Frames);
        }

        return new SharingGroups
        {
            Largest = [.. groups.OrderByDescending(g => g.SavedPages).ThenBy(g => g.Pids[0]).ThenBy(g => g.Pids.Count)
                .ThenBy(g => string.Join(',', g.Pids), StringComparer.Ordinal).Take(MostGroups)],
            Others = Math.Max(0, groups.Count - MostGroups),
            MatrixPids = [.. shown.Select(i => processes[i].Pid)],
            Matrix = matrix,
        };
    }

    private static void AddTo(long[][] matrix, int[] rows, long frames)
    {
        foreach (int one in rows)
        {
            foreach (int other in rows)
                matrix[one][other] += frames;
        }
    }
}
