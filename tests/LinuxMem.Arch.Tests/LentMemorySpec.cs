using LinuxMem.Arch.Memory;

namespace LinuxMem.Arch.Tests;

/// <summary>What RAM lends to others out of its own range of the host.</summary>
public sealed unsafe class LentMemorySpec
{
    [Fact]
    public void Parts_read_as_zero_and_nobody_writes_to_another_ones()
    {
        using var ram = new PhysicalMemory(4, 12, ContentMode.Tags);
        ulong[] sizes = [1, 4096, 100, 70_000, 128];
        HostPart[] parts = [.. sizes.Select(ram.Lend)];
        for (int i = 0; i < parts.Length; i++)
        {
            var bytes = new Span<byte>(parts[i].Base, (int)sizes[i]);
            Assert.Equal(-1, bytes.IndexOfAnyExcept((byte)0));
            bytes.Fill((byte)(i + 1));
        }

        new Span<byte>(ram.Base, 4 << 12).Fill(0xff);
        for (uint pfn = 0; pfn < 4; pfn++)
            Assert.Equal(0ul, ram.ReadWord(new(pfn), 0));
        for (int i = 0; i < parts.Length; i++)
            Assert.Equal(-1, new Span<byte>(parts[i].Base, (int)sizes[i]).IndexOfAnyExcept((byte)(i + 1)));
    }

    [Fact]
    public void What_has_no_room_behind_ram_is_a_range_of_its_own()
    {
        using var ram = new PhysicalMemory(1, 12, ContentMode.None);
        using HostPart part = ram.Lend(1UL << 30);
        part.Base[(1UL << 30) - 1] = 1;
        using HostPart next = ram.Lend(4096);
        Assert.InRange((nint)next.Base, (nint)ram.Base, (nint)ram.Base + (64 << 20));
    }
}
