namespace LinuxMem.Arch.Memory;

/// <summary>A part of a range of host memory that one borrower has for itself, or a range of its own.</summary>
public readonly unsafe struct HostPart : IDisposable
{
    private readonly HostMemory? own;

    /// <summary>A part of a range that somebody else ends; with <paramref name="own"/>, all of that one.</summary>
    internal HostPart(byte* start, HostMemory? own)
    {
        Base = start;
        this.own = own;
    }

    /// <summary>The first byte.</summary>
    public byte* Base { get; }

    /// <summary>A range of <paramref name="bytes"/> bytes that is nobody else's.</summary>
    public static HostPart Own(ulong bytes)
    {
        var memory = new HostMemory(bytes);
        return new HostPart(memory.Base, memory);
    }

    /// <summary>Gives it back. The borrower touches it no more.</summary>
    public void Dispose() => own?.Dispose();
}
