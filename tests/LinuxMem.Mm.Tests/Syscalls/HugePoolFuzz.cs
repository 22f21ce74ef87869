using CsCheck;
using LinuxMem.Mm.Hugetlb;

namespace LinuxMem.Mm.Tests.Syscalls;

/// <summary>Whatever is promised, taken and given back: the numbers of a pool add up.</summary>
public sealed class HugePoolFuzz
{
    [Fact]
    public void Pages_are_free_or_in_use_and_promises_can_be_kept() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 12]).List[0, 60].Sample(steps =>
        {
            var pool = new HugePool(21, 64UL << 21) { SurplusMax = steps.Count % 3 };
            pool.SetCount(8);
            long used = 0, promised = 0;
            foreach ((int what, int many) in steps)
            {
                switch (what)
                {
                    case 0:
                        promised += pool.TryReserve((ulong)many) ? many : 0;
                        break;
                    case 1 when promised > 0:
                        Assert.True(pool.TryTake(isReserved: true), "a promise is kept");
                        promised--;
                        used++;
                        break;
                    case 2:
                        used += pool.TryTake(isReserved: false) ? 1 : 0;
                        break;
                    case 3 when used > 0:
                        pool.Put();
                        used--;
                        break;
                    case 4:
                        long back = Math.Min(promised, many);
                        pool.Unreserve(back);
                        promised -= back;
                        break;
                    case 5:
                        pool.SetCount(many);
                        break;
                    default:
                        break;
                }

                Assert.Equal(used, pool.Total - pool.Free);
                Assert.Equal(promised, pool.Reserved);
                Assert.True(pool.Free >= pool.Reserved, "promises are covered");
                Assert.True(pool.Surplus >= 0 && pool.Surplus <= pool.Total);
            }
        });
}
