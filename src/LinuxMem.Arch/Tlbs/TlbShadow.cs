namespace LinuxMem.Arch.Tlbs;

/// <summary>What the caches of an MMU held when somebody looked last; see <see cref="Mmu.ExportChanges"/>.</summary>
public sealed class TlbShadow
{
    private const int ChunkSlots = 64;

    /// <summary>Tags and data of each arena: first level, second level, walk cache.</summary>
    internal ulong[][] Words { get; } = [[], [], []];

    /// <summary>What the MMU had counted of what changes entries; -1 before the first look.</summary>
    internal long Changes { get; set; } = -1;

    /// <summary>Takes over an arena's words and tells which slots differ.</summary>
    /// <param name="arena">Which arena.</param>
    /// <param name="now">Its tags, then its data.</param>
    /// <param name="changed">Where the numbers of slots go that hold other entries than before.</param>
    internal void TakeOver(int arena, ReadOnlySpan<ulong> now, List<int> changed)
    {
        changed.Clear();
        if (Words[arena].Length != now.Length)
        {
            Words[arena] = new ulong[now.Length];
            Words[arena].AsSpan().Fill(TlbTag.Empty);
        }

        Span<ulong> was = Words[arena];
        int slots = now.Length / 2;
        for (int first = 0; first < slots; first += ChunkSlots)
        {
            int count = Math.Min(ChunkSlots, slots - first);
            TakeOver(first, now.Slice(first, count), now.Slice(slots + first, count), was.Slice(first, count),
                was.Slice(slots + first, count), changed);
        }
    }

    // Most of the slots are as they were.
    private static void TakeOver(int first, ReadOnlySpan<ulong> tags, ReadOnlySpan<ulong> data, Span<ulong> oldTags,
        Span<ulong> oldData, List<int> changed)
    {
        if (tags.SequenceEqual(oldTags) && data.SequenceEqual(oldData))
            return;
        for (int i = 0; i < tags.Length; i++)
        {
            if (tags[i] != TlbTag.Empty && (tags[i] != oldTags[i] || data[i] != oldData[i]))
                changed.Add(first + i);
        }

        tags.CopyTo(oldTags);
        data.CopyTo(oldData);
    }
}
