namespace LinuxMem.Simulation.Time;

/// <summary>A moment of virtual time: nanoseconds since the machine was switched on.</summary>
/// <param name="Ns">Not negative; 64 bits last 292 years.</param>
public readonly record struct VirtualTime(long Ns) : IComparable<VirtualTime>
{
    /// <summary>Power on.</summary>
    public static VirtualTime Zero => default;

    /// <summary>Later than anything that happens.</summary>
    public static VirtualTime Never => new(long.MaxValue);

    /// <summary>The moment <paramref name="ns"/> nanoseconds later.</summary>
    public static VirtualTime operator +(VirtualTime t, long ns) => new(t.Ns + ns);

    /// <summary>Nanoseconds from one moment to another.</summary>
    public static long operator -(VirtualTime a, VirtualTime b) => a.Ns - b.Ns;

    /// <summary>Whether one moment comes before another.</summary>
    public static bool operator <(VirtualTime a, VirtualTime b) => a.Ns < b.Ns;

    /// <summary>Whether one moment comes after another.</summary>
    public static bool operator >(VirtualTime a, VirtualTime b) => a.Ns > b.Ns;

    /// <summary>Whether one moment does not come after another.</summary>
    public static bool operator <=(VirtualTime a, VirtualTime b) => a.Ns <= b.Ns;

    /// <summary>Whether one moment does not come before another.</summary>
    public static bool operator >=(VirtualTime a, VirtualTime b) => a.Ns >= b.Ns;

    /// <inheritdoc/>
    public int CompareTo(VirtualTime other) => Ns.CompareTo(other.Ns);

    /// <inheritdoc/>
    public override string ToString() => $"{Ns} ns";
}
