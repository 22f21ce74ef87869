namespace LinuxMem.Arch.Addresses;

/// <summary>
/// A page frame number: the index of a frame of RAM in mem_map. Frame 0 is reserved at boot, so 0 also says "none".
/// </summary>
/// <param name="Value">From 0 to the number of frames less one; 32 bits reach 16 TiB of 4 KiB frames.</param>
public readonly record struct Pfn(uint Value) : IComparable<Pfn>
{
    /// <summary>No frame.</summary>
    public static Pfn None => default;

    /// <summary>Whether this names no frame.</summary>
    public bool IsNone => Value == 0;

    /// <summary>The frame <paramref name="frames"/> further up.</summary>
    public static Pfn operator +(Pfn pfn, uint frames) => new(pfn.Value + frames);

    /// <inheritdoc/>
    public int CompareTo(Pfn other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => $"0x{Value:x}";
}
