namespace LinuxMem.Workloads.Mmfuzz;

/// <summary>mmfuzz's random numbers: xorshift64 with shifts 13, 7, 17. A value; a copy goes on by itself.</summary>
internal struct MmfuzzRandom
{
    private const ulong SeedFactor = 0x9E3779B97F4A7C15;
    private const ulong SeedOffset = 0x1234567;
    private const int WarmUp = 8;
    private ulong state;

    /// <summary>The stream of a run with this SEED argument, after the draws that warm it up.</summary>
    public MmfuzzRandom(uint seed)
    {
        state = unchecked((seed * SeedFactor) + SeedOffset);
        for (int i = 0; i < WarmUp; i++)
            Next();
    }

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return state;
    }

    /// <summary>A number from 0 to <paramref name="limit"/> - 1, by remainder. Precondition: limit is not 0.</summary>
    public uint Below(uint limit) => (uint)(Next() % limit);

    /// <summary>True in so many of a hundred cases.</summary>
    public bool Chance(uint percent) => Below(100) < percent;
}
