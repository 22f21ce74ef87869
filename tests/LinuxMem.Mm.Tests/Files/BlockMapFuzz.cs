using CsCheck;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Tests.Files;

/// <summary>The map of a file's blocks against an array of pages.</summary>
public class BlockMapFuzz
{
    private const int Pages = 24;

    [Fact]
    public void Every_page_is_what_an_array_says()
    {
        var step = Gen.Select(Gen.Int[0, 5], Gen.Int[0, Pages - 1], Gen.Int[1, 6]);
        step.Array[0, 40].Sample(steps =>
        {
            var map = new BlockMap();
            var model = new BlockState[Pages * 4];
            foreach ((int kind, int first, int count) in steps)
                Step(map, model, kind, first, count);
            ulong pages = 0;
            for (int i = 0; i < model.Length; i++)
            {
                pages += model[i] == BlockState.Hole ? 0UL : 1;
                Assert.Equal(model[i], map.StateOf((ulong)i, out ulong next));
                for (int j = i; j < model.Length && (ulong)j < next; j++)
                    Assert.Equal(model[i], model[j]);
            }

            Assert.Equal(pages, map.Pages);
        }, iter: 3000);
    }

    private static void Step(BlockMap map, BlockState[] model, int kind, int first, int count)
    {
        Span<BlockState> part = model.AsSpan(first, count);
        switch (kind)
        {
            case 0:
                map.Write((uint)first);
                part[0] = BlockState.Written;
                break;
            case 1:
                map.Write((ulong)first, (ulong)(first + count));
                part.Fill(BlockState.Written);
                break;
            case 2:
                map.Reserve((ulong)first, (ulong)(first + count));
                part.Replace(BlockState.Hole, BlockState.Unwritten);
                break;
            case 3:
                map.Cut((ulong)first, (ulong)(first + count));
                part.Clear();
                break;
            default:
                map.Shift((ulong)first, (ulong)count, inserts: kind == 4);
                BlockState[] old = [.. model];
                for (int i = first; i < model.Length; i++)
                {
                    int from = kind == 4 ? i - count : i + count;
                    model[i] = from < first || from >= model.Length ? BlockState.Hole : old[from];
                }

                break;
        }
    }
}
