namespace LinuxMem.Arch.Addresses;

/// <summary>A virtual address, in bytes.</summary>
/// <param name="Value">All 64 bits; 32-bit profiles use the low half.</param>
public readonly record struct VirtAddr(ulong Value) : IComparable<VirtAddr>
{
    /// <summary>The address <paramref name="bytes"/> further up; wraps as the machine does.</summary>
    public static VirtAddr operator +(VirtAddr a, ulong bytes) => new(a.Value + bytes);

    /// <summary>The address <paramref name="bytes"/> further down; wraps as the machine does.</summary>
    public static VirtAddr operator -(VirtAddr a, ulong bytes) => new(a.Value - bytes);

    /// <summary>The distance in bytes. Precondition: <paramref name="a"/> is not below <paramref name="b"/>.</summary>
    public static ulong operator -(VirtAddr a, VirtAddr b) => a.Value - b.Value;

    /// <summary>Whether one address lies below another.</summary>
    public static bool operator <(VirtAddr a, VirtAddr b) => a.Value < b.Value;

    /// <summary>Whether one address lies above another.</summary>
    public static bool operator >(VirtAddr a, VirtAddr b) => a.Value > b.Value;

    /// <summary>Whether one address lies below another or is the same.</summary>
    public static bool operator <=(VirtAddr a, VirtAddr b) => a.Value <= b.Value;

    /// <summary>Whether one address lies above another or is the same.</summary>
    public static bool operator >=(VirtAddr a, VirtAddr b) => a.Value >= b.Value;

    /// <inheritdoc/>
    public int CompareTo(VirtAddr other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => $"0x{Value:x}";
}
