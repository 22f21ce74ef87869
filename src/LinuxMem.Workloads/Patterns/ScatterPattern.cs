using LinuxMem.Abi;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Workloads.Patterns;

/// <summary>A pattern whose addresses form no row: it goes into the batch's scatter buffer in one sweep.</summary>
public abstract class ScatterPattern : IAccessPattern
{
    private readonly AccessMix mix;
    private RandomStream kinds;

    /// <summary>The pattern's random stream for addresses; a derived class copies it to a local in its loop.</summary>
    private protected RandomStream Random;

    private protected ScatterPattern(in AccessTarget target, AccessMix mix, ulong seed)
    {
        Target = target;
        this.mix = mix;
        Random = new RandomStream(RandomStream.Derive(seed, "addresses"));
        kinds = new RandomStream(RandomStream.Derive(seed, "kinds"));
    }

    /// <summary>Where the pattern walks.</summary>
    protected AccessTarget Target { get; }

    /// <summary>Kinds of access.</summary>
    protected AccessMix Mix => mix;

    /// <inheritdoc/>
    public virtual int Add(AccessBatch batch, int count)
    {
        Span<ulong> entries = batch.AddScatter(count);
        FillOffsets(entries);
        mix.Pack(entries, Target.Start, ref kinds);
        return entries.Length;
    }

    /// <summary>
    /// Fills in the next offsets from the target's start, in bytes, each a multiple of 8 and inside the target.
    /// </summary>
    protected abstract void FillOffsets(Span<ulong> offsets);
}
