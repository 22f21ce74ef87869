using LinuxMem.Abi;

namespace LinuxMem.Workloads.Programs;

/// <summary>
/// The parts of its address space that a program knows by name: its image's segments, heap and stack, and what it
/// mapped.
/// </summary>
/// <remarks>A name stays after munmap, so that a program can walk into what it has unmapped.</remarks>
internal sealed class RegionTable
{
    private readonly List<(string Name, Region Region)> mapped;
    private ImageLayout layout;
    private ulong stackBytes;

    public RegionTable() => mapped = [];

    private RegionTable(RegionTable parent)
    {
        mapped = [.. parent.mapped];
        layout = parent.layout;
        stackBytes = parent.stackBytes;
        HeapEnd = parent.HeapEnd;
        IsLaidOut = parent.IsLaidOut;
    }

    /// <summary>The names that every program with a full image knows.</summary>
    public static IReadOnlyList<string> Fixed { get; } = ["text", "data", "bss", "heap", "stack"];

    /// <summary>Whether the segments are known.</summary>
    public bool IsLaidOut { get; private set; }

    /// <summary>The program break as the program last saw it.</summary>
    public ulong HeapEnd { get; set; }

    /// <summary>First address above the stack.</summary>
    public ulong StackTop => layout.StackTop;

    /// <summary>A copy for a child, which goes its own way from here.</summary>
    public RegionTable Copy() => new(this);

    /// <summary>Takes in where the segments are.</summary>
    public void LayOut(in ImageLayout image, int pageShift)
    {
        layout = image;
        HeapEnd = image.BrkStart;
        stackBytes = image.StackTop == 0 ? 0 : 1UL << pageShift;
        IsLaidOut = true;
    }

    /// <summary>Says that the stack is used down to <paramref name="bytes"/> bytes below its top.</summary>
    public void StackReached(ulong bytes) => stackBytes = Math.Max(stackBytes, bytes);

    /// <summary>Names what was mapped; a name used before now means the new mapping.</summary>
    public void Set(string name, Region region)
    {
        int index = mapped.FindIndex(m => m.Name == name);
        if (index >= 0)
            mapped[index] = (name, region);
        else
            mapped.Add((name, region));
    }

    /// <summary>The region of that name, empty if there is none.</summary>
    public Region Find(string name) => name switch
    {
        "text" => new(layout.TextStart, layout.TextEnd - layout.TextStart),
        "data" => new(layout.DataStart, layout.DataEnd - layout.DataStart),
        "bss" => new(layout.BssStart, layout.BssEnd - layout.BssStart),
        "heap" => new(layout.BrkStart, HeapEnd - layout.BrkStart),
        "stack" => new(layout.StackTop - stackBytes, stackBytes),
        _ => FindMapped(name),
    };

    private Region FindMapped(string name)
    {
        foreach ((string known, Region region) in mapped)
        {
            if (known == name)
                return region;
        }

        return default;
    }
}

/// <summary>A range of addresses.</summary>
/// <param name="Start">First byte.</param>
/// <param name="Bytes">Length; 0 for nothing.</param>
internal readonly record struct Region(ulong Start, ulong Bytes)
{
    /// <summary>The part from <paramref name="offset"/> on, of at most <paramref name="bytes"/> bytes.</summary>
    public Region Part(ulong offset, ulong? bytes)
    {
        offset = Math.Min(offset, Bytes);
        return new Region(Start + offset, Math.Min(bytes ?? ulong.MaxValue, Bytes - offset));
    }
}
