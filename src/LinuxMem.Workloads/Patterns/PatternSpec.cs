namespace LinuxMem.Workloads.Patterns;

/// <summary>A pattern as data: immutable, shared by every program that uses it.</summary>
public abstract record PatternSpec
{
    /// <summary>Begins the pattern on a target.</summary>
    /// <param name="target">Where.</param>
    /// <param name="mix">Kinds of access.</param>
    /// <param name="seed">Seed of the pattern's own random stream.</param>
    public abstract IAccessPattern Create(in AccessTarget target, AccessMix mix, ulong seed);

    /// <summary>How many accesses a step makes that does not say: one for each page.</summary>
    public virtual ulong DefaultCount(in AccessTarget target) => target.Blocks;
}
