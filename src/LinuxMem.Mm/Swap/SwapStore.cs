using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;

namespace LinuxMem.Mm.Swap;

/// <summary>What the slots of swap hold: the bytes of a page, or its tag; nothing where no contents are kept.</summary>
/// <remarks>A page of zeros takes no room.</remarks>
public sealed class SwapStore
{
    private readonly PhysicalMemory ram;
    private readonly Dictionary<SwapEntry, ulong> tags = [];
    private readonly Dictionary<SwapEntry, byte[]> bytes = [];
    private readonly byte[] buffer;

    /// <summary>For one machine's memory.</summary>
    public SwapStore(PhysicalMemory ram)
    {
        this.ram = ram;
        buffer = new byte[1 << ram.PageShift];
    }

    /// <summary>Writes a frame to a slot.</summary>
    public void Write(SwapEntry entry, Pfn page)
    {
        if (ram.Contents == ContentMode.Tags)
        {
            tags[entry] = ram.ReadWord(page, 0);
            return;
        }

        if (ram.Contents != ContentMode.Bytes)
            return;
        ram.ReadBytes(page, 0, buffer);
        if (!buffer.AsSpan().ContainsAnyExcept((byte)0))
            bytes.Remove(entry);
        else if (bytes.TryGetValue(entry, out byte[]? there))
            buffer.CopyTo(there, 0);
        else
            bytes.Add(entry, [.. buffer]);
    }

    /// <summary>A write has failed: nobody knows what the slot holds, and it is not what was to be written.</summary>
    public void Spoil(SwapEntry entry)
    {
        if (ram.Contents == ContentMode.Tags)
        {
            tags[entry] = PhysicalMemory.Junk;
            return;
        }

        if (ram.Contents != ContentMode.Bytes)
            return;
        if (!bytes.TryGetValue(entry, out byte[]? there))
            bytes.Add(entry, there = new byte[buffer.Length]);
        there.AsSpan().Fill(unchecked((byte)PhysicalMemory.Junk));
    }

    /// <summary>Reads a slot into a frame.</summary>
    public void Read(SwapEntry entry, Pfn page)
    {
        if (ram.Contents == ContentMode.Tags)
            ram.WriteWord(page, 0, tags.GetValueOrDefault(entry));
        else if (ram.Contents == ContentMode.Bytes && bytes.TryGetValue(entry, out byte[]? there))
            ram.WriteBytes(page, 0, there);
        else
            ram.ClearData(page);
    }

    /// <summary>The 64-bit word at an offset of a slot; with tags its tag.</summary>
    public ulong ReadWord(SwapEntry entry, int offset) => ram.Contents == ContentMode.Tags
        ? tags.GetValueOrDefault(entry)
        : bytes.TryGetValue(entry, out byte[]? there) ? BitConverter.ToUInt64(there, offset) : 0;

    /// <summary>Whether a slot holds what a frame does.</summary>
    public bool Holds(SwapEntry entry, Pfn page)
    {
        if (ram.Contents == ContentMode.Tags)
            return tags.GetValueOrDefault(entry) == ram.ReadWord(page, 0);
        if (ram.Contents != ContentMode.Bytes)
            return true;
        ram.ReadBytes(page, 0, buffer);
        return bytes.TryGetValue(entry, out byte[]? there)
            ? buffer.AsSpan().SequenceEqual(there)
            : !buffer.AsSpan().ContainsAnyExcept((byte)0);
    }

    /// <summary>A slot is free: what it holds is gone.</summary>
    public void Forget(SwapEntry entry)
    {
        tags.Remove(entry);
        bytes.Remove(entry);
    }
}
