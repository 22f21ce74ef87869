using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Ksm;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Ksm;

public sealed class SmartScanSpec : IDisposable
{
    private readonly KernelRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public void A_page_that_finds_no_equal_one_is_looked_at_less_and_less_often()
    {
        var pages = new UnstablePages();
        var place = new KsmPlace(rig.Start().Mm, 0x1000, new Pfn(7));
        var lookedAt = new List<int>();
        for (int visit = 0; visit < 32; visit++)
        {
            if (!pages.IsLeftOut(place))
            {
                lookedAt.Add(visit);
                pages.IsSteady(place, 42);
            }

            pages.EndScan();
        }

        Assert.Equal([0, 1, 2, 3, 5, 8, 13, 22, 31], lookedAt);
    }
}
