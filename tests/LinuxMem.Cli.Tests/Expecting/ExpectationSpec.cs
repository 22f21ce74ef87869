using System.Xml.Linq;
using LinuxMem.Cli.Tests.EndToEnd;
using LinuxMem.Cli.Tests.Fakes;

namespace LinuxMem.Cli.Tests.Expecting;

/// <summary>Expectations of scenarios, from the file to the exit code and the JUnit report.</summary>
public sealed class ExpectationSpec
{
    private const string Program =
        "\"machine\": { \"cpus\": 1, \"memory\": \"4MiB\" }, \"processes\": [ { \"name\": \"web.1\", \"steps\": [ "
        + "{ \"mmap\": { \"length\": \"80KiB\", \"as\": \"m\" } }, { \"touch\": { \"region\": \"m\" } } ] } ]";

    [Theory]
    [InlineData("{ \"process.web.1.fate\": \"exited\" }")]
    [InlineData("{ \"process.web.1.fate\": \"exited 0\" }")]
    [InlineData("{ \"process.web.1.minflt\": { \"min\": 20, \"max\": 60 } }")]
    [InlineData("{ \"vmstat.oom_kill\": 0 }")]
    [InlineData("{ \"faults.NoSuchKind\": { \"min\": 0 } }", true)]
    [InlineData("{ \"cpus.0.accesses\": { \"min\": 20 } }")]
    [InlineData("{ \"cpus.count\": 1 }")]
    [InlineData("{ \"audit.violations.count\": 0 }")]
    [InlineData("{ \"unknownCalls.9999\": { \"max\": 0 } }", true)]
    [InlineData("{ \"seed\": 1 }")]
    [InlineData("{ \"scenario\": \"x\" }")]
    public void What_is_expected_holds_or_the_code_is_not_0(string expectation, bool fails = false)
    {
        RealRun run = Run($"[ {expectation} ]");
        Assert.True((run.Code == 0) != fails, $"{run.Code}: {run.Error}");
    }

    [Theory]
    [InlineData("{ \"process.web.1.fate\": \"exited 1\" }",
        "x.json:1:30: process.web.1.fate (pid 2) is \"exited 0\"; expected \"exited 1\"")]
    [InlineData("{ \"process.web.1.fate\": \"exit\" }",
        "x.json:1:30: process.web.1.fate (pid 2) is \"exited 0\"; expected \"exit\"")]
    [InlineData("{ \"process.web.minflt\": 3 }",
        "x.json:1:30: process.web.minflt: there was no process of that name; expected 3")]
    [InlineData("{ \"vmstat.oom_kill\": { \"min\": 2 } }", "x.json:1:30: vmstat.oom_kill is 0; expected at least 2")]
    [InlineData("{ \"process.web.1.minflt\": { \"max\": 2 } }", "expected at most 2")]
    [InlineData("{ \"cpus.7.accesses\": 0 }", "x.json:1:30: cpus.7.accesses is not there; expected 0")]
    public void What_does_not_hold_is_told_and_the_code_is_1(string expectation, string message)
    {
        RealRun run = Run($"[ {expectation} ]");
        Assert.Equal(1, run.Code);
        Assert.Contains(message, run.Error);
        Assert.Contains("Digest: ", run.Output);
    }

    [Theory]
    [InlineData("{ \"vmstat.oom_kil\": 0 }",
        "x.json:1:30: error: \"vmstat\" has no \"oom_kil\"; did you mean \"oom_kill\"?")]
    [InlineData("{ \"vmstatt.oom_kill\": 0 }",
        "x.json:1:30: error: a result has no \"vmstatt\"; did you mean \"vmstat\"?")]
    [InlineData("{ \"process.web.flt\": 0 }",
        "x.json:1:30: error: a process has no \"flt\"; did you mean \"minflt\"?")]
    [InlineData("{ \"process.fate\": \"exited\" }",
        "x.json:1:30: error: \"process.fate\" names no value of a process; expected process.NAME.KEY")]
    [InlineData("{ \"process.web.fate\": 3 }",
        "x.json:1:30: error: \"process.web.fate\" is a text; expected a text")]
    [InlineData("{ \"rounds\": \"many\" }",
        "x.json:1:30: error: \"rounds\" is a number; expected a number or bounds")]
    [InlineData("{ \"memory\": 3 }",
        "x.json:1:30: error: \"memory\" is no single value; expected a path that goes on to one")]
    [InlineData("{ \"digest.x\": \"a\" }", "x.json:1:30: error: \"digest\" is a value and has no \"x\" in it")]
    [InlineData("{ \"mismatched\": 0 }",
        "x.json:1:30: error: \"mismatched\" is not in the result of every run; expected a value that is")]
    [InlineData("{ \"cpus.first.accesses\": 0 }",
        "\"first\" of \"cpus.first.accesses\" is no item of a list; expected its number from 0, or \"count\"")]
    public void A_path_that_no_result_has_is_bad_input_with_its_place(string expectation, string message)
    {
        RealRun run = Run($"[ {expectation} ]");
        Assert.Equal(2, run.Code);
        Assert.Contains(message, run.Error);
        Assert.Equal("", run.Output);
    }

    [Fact]
    public void A_JUnit_report_names_each_expectation_and_appears_whole()
    {
        using var folder = new TempDirectory();
        string report = folder["report.xml"];
        File.WriteAllText(report, "an earlier one");
        RealRun run = Run("[ { \"vmstat.oom_kill\": 7 }, { \"process.web.1.fate\": \"exited\" } ]", "--junit", report);
        Assert.Equal(1, run.Code);
        XElement suite = XDocument.Load(report).Root!.Element("testsuite")!;
        Assert.Equal(("x", "4", "1"), ((string)suite.Attribute("name")!, (string)suite.Attribute("tests")!,
            (string)suite.Attribute("failures")!));
        XElement failed = Assert.Single(suite.Elements("testcase"), one => one.HasElements);
        Assert.Equal("vmstat.oom_kill is 7", (string)failed.Attribute("name")!);
        Assert.Equal("vmstat.oom_kill is 0; expected 7", (string)failed.Element("failure")!.Attribute("message")!);
        Assert.Contains("linuxmem run ", failed.Value);
        Assert.Equal(["report.xml"], folder.Entries());
    }

    [Fact]
    public void A_broken_invariant_is_in_the_JUnit_report()
    {
        using var folder = new TempDirectory();
        CommandRun broken = CommandRun.With(
            new FakeRooms { Engine = SampleRun.Broken }, "run", "--junit", folder["a.xml"]);
        Assert.Equal(4, broken.Code);
        Assert.Contains("I07: a frame is lost", File.ReadAllText(folder["a.xml"]));
        CommandRun bug = CommandRun.With(
            new FakeRooms { Engine = _ => throw FakeRooms.Bug() }, "run", "--junit", folder["b.xml"]);
        Assert.Equal(4, bug.Code);
        Assert.Contains("I03: a free frame is mapped", File.ReadAllText(folder["b.xml"]));
    }

    [Fact]
    public void A_JUnit_report_that_cannot_be_written_is_told_before_the_run()
    {
        using var folder = new TempDirectory();
        var rooms = new FakeRooms();
        Assert.Equal(2, CommandRun.With(rooms, "run", "--junit", folder.Root).Code);
        Assert.Equal(3, CommandRun.With(rooms, "run", "--junit", folder["no/such/r.xml"]).Code);
        Assert.DoesNotContain("run", rooms.Calls);
    }

    private static RealRun Run(string expectations, params string[] options)
    {
        using var folder = new TempDirectory();
        string path = folder["x.json"];
        File.WriteAllText(path, $"{{ \"name\": \"x\", \"expect\": {expectations}, {Program} }}");
        return RealRun.Of(["run", path, .. options]);
    }
}
