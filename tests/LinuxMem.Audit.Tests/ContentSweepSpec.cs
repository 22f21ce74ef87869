using LinuxMem.Audit.Oracle;

namespace LinuxMem.Audit.Tests;

/// <summary>What is lost is found though nobody looks for it.</summary>
public class ContentSweepSpec
{
    private const int Shift = 12;
    private const ulong At = 0x10000;
    private readonly ContentOracle oracle = new(Shift, Shift);
    private readonly Memory memory = new();

    [Fact]
    public void All_that_was_stored_is_compared_and_what_differs_is_told()
    {
        oracle.Map(1, At, At + 0x2000, false, 0, 0);
        oracle.Map(1, At + 0x2000, At + 0x4000, true, 7, 0);
        oracle.Store(1, At, 11);
        oracle.Store(1, At + 0x3000, 12);
        memory.Private[(1, At)] = 11;
        memory.Objects[(7, 0x1000)] = 12;
        Assert.Empty(Sweep());
        memory.Private[(1, At)] = 13;
        memory.Objects.Remove((7, 0x1000));
        Assert.Equal(
            ["I37 violated: mm 1 has 0xd at va 0x10000, not 0xb", "I37 violated: object 7 has 0x0 at 0x1000, not 0xc"],
            Sweep());
        memory.IsSilent = true;
        Assert.Empty(Sweep());
    }

    [Fact]
    public void What_nobody_can_know_is_not_compared()
    {
        oracle.Map(1, At, At + 0x1000, true, 7, 0);
        oracle.Store(1, At, 11);
        oracle.Doubt(1, At);
        Assert.Empty(Sweep());
        Assert.Null(oracle.Load(1, At, 99));
        oracle.Store(1, At, 12);
        oracle.DoubtObject(7, 0);
        Assert.Empty(Sweep());
    }

    [Fact]
    public void A_copy_that_was_made_without_a_store_sees_no_later_store_to_the_object()
    {
        oracle.Map(1, At, At + 0x1000, true, 7, 0);
        oracle.Map(2, At, At + 0x1000, false, 7, 0);
        oracle.Store(1, At, 11);
        oracle.Copy(2, At);
        oracle.Store(1, At, 12);
        Assert.Null(oracle.Load(2, At, 11));
        Assert.NotNull(oracle.Load(2, At, 12));
        Assert.Null(oracle.LoadFromObject(7, 0, 12));
        Assert.Contains("a call reads 0xb", oracle.LoadFromObject(7, 0, 11), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_maps_a_part_of_an_object_is_known()
    {
        oracle.Map(1, At, At + 0x4000, true, 7, 2);
        oracle.Map(2, At, At + 0x1000, false, 7, 9);
        var found = new List<(int, ulong, ulong)>();
        oracle.ListMappings(7, 3, 5, found);
        Assert.Equal([(1, At + 0x1000, At + 0x3000)], found);
        var shared = new List<(ulong, ulong, int, ulong)>();
        oracle.ListShared(1, At + 0x1000, At + 0x9000, shared);
        Assert.Equal([(At + 0x1000, At + 0x4000, 7, 0x3000UL)], shared);
    }

    private List<string> Sweep()
    {
        var found = new List<string>();
        new ContentSweep(oracle, Shift).Run(memory, found);
        return found;
    }

    private sealed class Memory : IContentReader
    {
        public Dictionary<(int, ulong), ulong> Private { get; } = [];

        public Dictionary<(int, ulong), ulong> Objects { get; } = [];

        public bool IsSilent { get; set; }

        public bool TryRead(int mmId, ulong va, out ulong value)
        {
            value = Private.GetValueOrDefault((mmId, va));
            return !IsSilent;
        }

        public bool TryReadObject(int objectId, ulong offset, out ulong value)
        {
            value = Objects.GetValueOrDefault((objectId, offset));
            return !IsSilent;
        }
    }
}
