namespace LinuxMem.Proofs.Search;

/// <summary>States that were seen: hash tables of 8 bytes a state, each behind a lock of its own. Any thread may add.
/// </summary>
internal sealed class StateSet
{
    private const int ShardBits = 6;
    private readonly Shard[] shards = new Shard[1 << ShardBits];

    public StateSet()
    {
        for (int i = 0; i < shards.Length; i++)
            shards[i] = new Shard();
    }

    /// <summary>How many there are. Not while somebody adds.</summary>
    public long Count => shards.Sum(shard => (long)shard.Count);

    /// <summary>Adds a state, which is not 0; false if it is there.</summary>
    public bool Add(ulong state)
    {
        ulong hash = Mixed(state);
        Shard shard = shards[hash >> (64 - ShardBits)];
        lock (shard)
            return shard.Add(state, hash);
    }

    // The finalizer of MurmurHash3: every bit of the state changes half of the result's.
    private static ulong Mixed(ulong value)
    {
        value = (value ^ (value >> 33)) * 0xff51afd7ed558ccd;
        value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53;
        return value ^ (value >> 33);
    }

    private sealed class Shard
    {
        private ulong[] table = new ulong[1 << 8];

        public int Count { get; private set; }

        public bool Add(ulong state, ulong hash)
        {
            if (Count + (Count >> 2) >= table.Length)
                Grow();
            if (!Insert(table, state, hash))
                return false;
            Count++;
            return true;
        }

        private void Grow()
        {
            ulong[] larger = new ulong[table.Length * 2];
            foreach (ulong state in table)
            {
                if (state != 0)
                    Insert(larger, state, Mixed(state));
            }

            table = larger;
        }

        private static bool Insert(ulong[] into, ulong state, ulong hash)
        {
            int mask = into.Length - 1;
            for (int at = (int)hash & mask; ; at = (at + 1) & mask)
            {
                if (into[at] == state)
                    return false;
                if (into[at] != 0)
                    continue;
                into[at] = state;
                return true;
            }
        }
    }
}
