using System.Text.RegularExpressions;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Actors.Tests.Recordings;

/// <summary>
/// The report of a full group has the lines of a real one, in their order and form (oom-memcg.txt); its counters are
/// those of cgroup v2 here, of v1 there.
/// </summary>
public sealed partial class OomRecordingSpec
{
    private const string Full = """
        {
          "name": "full", "machine": { "cpus": 1, "memory": "32MiB", "overcommitMemory": 1 },
          "groups": [ { "name": "oomrec2", "max": "16MiB" } ],
          "processes": [ { "name": "eat", "group": "oomrec2",
            "steps": [ { "mmap": { "length": "20MiB", "as": "m" } }, { "touch": { "region": "m" } } ] } ],
        }
        """;

    [Fact]
    public void A_full_group_is_reported_as_linux_reports_it()
    {
        RunResult result = DirectMachine.Execute(Scenarios.Parse(Full));
        string path = Path.Combine(AppContext.BaseDirectory, "Recordings", "oom-memcg.txt");
        string[] real = [.. File.ReadLines(path).Where(line => !line.StartsWith('#')).Select(Form)];
        string[] ours = [.. result.KernelLog.Select(line => Form(line.Text))];
        // Who asked, the first line of the stack; the group's usage and limit.
        Assert.Equal(real[0], ours[0]);
        Assert.Equal(real[1], ours[1]);
        Assert.Equal(Line(real, "memory: usage"), Line(ours, "memory: usage"));
        Assert.Equal(Line(real, "Memory cgroup stats for "), Line(ours, "Memory cgroup stats for "));
        // The table of tasks, the choice and the kill are all that follows.
        int heading = Array.IndexOf(real, "Tasks state (memory values in pages):");
        Assert.Equal(real[heading..], ours[Array.IndexOf(ours, real[heading])..]);
        Assert.Equal(5, real.Length - heading);
    }

    private static string Line(string[] lines, string start) =>
        lines.Single(line => line.StartsWith(start, StringComparison.Ordinal));

    private static string Form(string line) =>
        Number().Replace(line.Replace("6.18.44-fc-v669", "6.18.0", StringComparison.Ordinal), "#");

    [GeneratedRegex(" *(?<![A-Za-z0-9])[0-9]+(?![x0-9])")]
    private static partial Regex Number();
}
