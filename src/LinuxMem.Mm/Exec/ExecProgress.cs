namespace LinuxMem.Mm.Exec;

/// <summary>What an execve is to write into the new address space, in order.</summary>
/// <param name="Address">First address.</param>
/// <param name="Bytes">What to write; null for zeros.</param>
/// <param name="Count">How many bytes.</param>
public readonly record struct ExecWrite(ulong Address, byte[]? Bytes, ulong Count);

/// <summary>An execve that builds its new address space.</summary>
public sealed class ExecProgress
{
    /// <summary>What it has cost so far.</summary>
    public WorkCost Cost;

    private readonly List<ExecWrite> writes = [];

    /// <summary>One that begins.</summary>
    /// <param name="mm">The new address space.</param>
    /// <param name="at">Where and when.</param>
    /// <param name="randomness">By how much its parts are moved.</param>
    public ExecProgress(Mm mm, TrapPoint at, in AddressRandomness randomness)
    {
        Mm = mm;
        At = at;
        Randomness = randomness;
    }

    /// <summary>The new address space.</summary>
    public Mm Mm { get; }

    /// <summary>Where and when.</summary>
    public TrapPoint At { get; }

    /// <summary>By how much its parts are moved.</summary>
    public AddressRandomness Randomness { get; }

    /// <summary>What is to be written once everything is mapped: each page faults in as it is written.</summary>
    public IReadOnlyList<ExecWrite> Writes => writes;

    /// <summary>Has bytes written.</summary>
    public void Write(ulong address, byte[] bytes) =>
        writes.Add(new ExecWrite(address, bytes, (ulong)bytes.Length));

    /// <summary>Has zeros written.</summary>
    public void Zero(ulong address, ulong count) => writes.Add(new ExecWrite(address, null, count));
}
