namespace LinuxMem.Actors.Tests.Auditing;

/// <summary>A bug to plant in a machine that runs.</summary>
/// <param name="Id">The invariant that must report it.</param>
/// <param name="What">In words.</param>
/// <param name="Damage">Does it; false if the machine is not yet where the bug can be.</param>
internal sealed record MachinePlant(string Id, string What, Func<Victim, bool> Damage)
{
    /// <summary>Whether it shows at once, or only in what programs load later.</summary>
    public bool Later { get; init; }

    /// <summary>Whether it needs a machine with files and a disk.</summary>
    public bool OnDisk { get; init; }

    /// <summary>Whether it needs a machine that keeps every byte.</summary>
    public bool KeepsBytes { get; init; }

    public override string ToString() => $"{Id}: {What}";
}
