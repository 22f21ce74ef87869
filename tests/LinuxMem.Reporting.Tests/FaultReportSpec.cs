using LinuxMem.Simulation.Faults;

namespace LinuxMem.Reporting.Tests;

public class FaultReportSpec
{
    [Fact]
    public void A_report_begins_with_what_was_injected()
    {
        var text = new StringWriter { NewLine = "\n" };
        RunReportText.Write(text, SampleResult.Create() with { Faults = FaultSamples.Report() }, new());
        Assert.StartsWith("FAULTS INJECTED: 1\n  fail_page_alloc=1,100,0,1,min-order=0\n  warning: ", text.ToString());
        Assert.Contains("5.00 us  fail_page_alloc: alloc_anon_folio#1 in sched_yield of task 7\n", text.ToString());
        Assert.Contains("  again, without drawing: --faults alloc_anon_folio#1\n", text.ToString());
    }

    [Fact]
    public void A_report_says_what_power_cuts_in_thought_found()
    {
        var text = new StringWriter { NewLine = "\n" };
        var cut = new PowerCutResult(12, 3, 4, 40, 0, []);
        RunReportText.Write(text, SampleResult.Create() with { PowerCut = cut }, new());
        Assert.StartsWith("Power cuts: 12, one after every write of a disk; pages torn by them: 3\n"
            + "Pages promised by fsync, msync or sync: 4; compared: 40\n", text.ToString());
    }

    [Fact]
    public void The_catalogue_lists_every_point_with_its_parameters_and_sites()
    {
        var text = new StringWriter { NewLine = "\n" };
        FaultCatalogue.Write(text);
        Assert.All(FaultPoint.All, point => Assert.Contains($"\n{point.Name}\n", text.ToString()));
        Assert.All(FaultSite.All, site => Assert.Contains($"  at {site.Name}", text.ToString()));
        Assert.All(text.ToString().Split('\n'), line => Assert.InRange(line.Length, 0, 101));
        var json = new StringWriter { NewLine = "\n" };
        FaultCatalogue.WriteJson(json);
        using var parsed = System.Text.Json.JsonDocument.Parse(json.ToString());
        Assert.Equal(FaultPoint.All.Count, parsed.RootElement.GetProperty("points").GetArrayLength());
    }
}
