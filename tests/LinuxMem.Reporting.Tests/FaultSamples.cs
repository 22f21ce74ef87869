using LinuxMem.Abi;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Reporting.Tests;

/// <summary>A report of faults with something in every part.</summary>
internal static class FaultSamples
{
    public static FaultReport Report()
    {
        var settings = new FaultSettings { Rules = [FaultText.Parse("fail_page_alloc=1,100,0,1,min-order=0")] };
        var faults = new FaultInjector(settings, 1);
        faults.Enter(FaultOperation.Of(SyscallNr.SchedYield), new FaultTask(7, false, 0), 5_000, isShort: true);
        faults.Fails(FaultSite.AnonPage);
        faults.Fails(FaultSite.AnonPage);
        return FaultReport.Of(faults)!;
    }
}
