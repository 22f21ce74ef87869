namespace LinuxMem.Arch.Tlbs;

/// <summary>What the caches of an MMU held when somebody looked last; see <see cref="Mmu.ExportChanges"/>.</summary>
public sealed class TlbShadow
{
    /// <summary>Tags and data of each arena: first level, second level, walk cache.</summary>
    internal ulong[][] Words { get; } = [[], [], []];

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
        int at = now.CommonPrefixLength(was);
        if (at == now.Length)
            return;
        for (int slot = 0; slot < slots; slot++)
        {
            if (now[slot] != TlbTag.Empty && (now[slot] != was[slot] || now[slots + slot] != was[slots + slot]))
                changed.Add(slot);
        }

        now.CopyTo(was);
    }
}
