using System.Globalization;
using LinuxMem.Actors.Machine;
using LinuxMem.Simulation.Results;
using LinuxMem.Workloads.Lackey;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Replay;

/// <summary>What the simulator predicts of a program from its lackey log, against what Linux did with it.</summary>
public sealed class LinuxLayoutSpec : IDisposable
{
    private readonly MiniSysroot sysroot = new();

    public void Dispose() => sysroot.Dispose();

    [Fact]
    public void Faults_and_mappings_of_true_are_those_of_Linux()
    {
        RunResult result = Replay("true");
        ProcessResult process = Assert.Single(result.Processes);
        (long faults, List<string> vmas) = Native("true");
        Assert.InRange(process.MinFlt, faults - 3, faults + 3);
        Assert.Equal(0, process.MajFlt);
        // The log is of a processor without AVX-512: resident are other pages of libc's text.
        Assert.Equal(vmas.Select(WithoutRss), process.Vmas!.Select(v => WithoutRss(Line(v))));
    }

    [Fact]
    public void Faults_mappings_and_residence_of_sort_are_exactly_those_of_Linux()
    {
        ProcessResult process = Assert.Single(Replay("sort").Processes);
        (long faults, List<string> vmas) = Native("sort");
        Assert.Equal((faults, 0), (process.MinFlt, process.MajFlt));
        Assert.Equal(vmas, process.Vmas!.Select(Line));
        Assert.Equal("exited 0", process.Fate);
    }

    [Fact]
    public void Faults_of_a_shell_and_its_pipeline_are_within_one_percent_of_Linux()
    {
        RunResult result = Replay("sh");
        (long faults, _) = Native("sh");
        Assert.Equal(["sh", "sh", "cat", "wc"], result.Processes.Select(p => p.Comm));
        Assert.InRange(result.Processes.Sum(p => p.MinFlt), faults - 3, faults + 3);
        Assert.All(result.Processes, p => Assert.Equal((0, "exited 0"), (p.InferredPages, p.Fate)));
    }

    [Fact]
    public void A_program_that_is_not_under_the_sysroot_runs_where_the_log_has_it()
    {
        string empty = Directory.CreateTempSubdirectory("lm-sysroot").FullName;
        try
        {
            using var files = new Workloads.Inputs.Sysroot(empty);
            using LackeyReplay replay = Open("true", new LackeyOptions
            {
                Layout = LackeyLayout.Linux,
                Sysroot = files,
            });
            RunResult result = MachineRun.Execute(replay.Scenario, NullLoggerFactory.Instance);
            Assert.True(Assert.Single(result.Processes).InferredPages > 0, "the image is inferred");
            Assert.Contains(replay.Totals.Warnings, w => w.StartsWith("/bin/true: not", StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(empty, true);
        }
    }

    private static LackeyReplay Open(string name, LackeyOptions options) => LackeyReplay.Open(
        [.. Directory.GetFiles(MiniSysroot.Data(""), name + ".*.xz").Order(StringComparer.Ordinal)], options);

    private RunResult Replay(string name)
    {
        var options = new LackeyOptions
        {
            Layout = LackeyLayout.Linux,
            Sysroot = sysroot.Files,
            Environment = ["PATH=/usr/bin:/bin", "LC_ALL=C", "HOME=/tmp/w"],
        };
        using LackeyReplay replay = Open(name, options);
        RunResult result = MachineRun.Execute(replay.Scenario, NullLoggerFactory.Instance);
        Assert.Equal(0, replay.Totals.CallsRefused);
        Assert.Empty(result.Audit.Violations);
        return result;
    }

    private static (long Faults, List<string> Vmas) Native(string program)
    {
        long faults = 0;
        var vmas = new List<string>();
        bool wanted = false;
        foreach (string line in File.ReadLines(MiniSysroot.Data("native.txt")))
        {
            string[] words = line.Split(' ');
            if (words[0] == "program")
            {
                wanted = words[1] == program;
                faults = wanted ? long.Parse(words[2], CultureInfo.InvariantCulture) : faults;
            }
            else if (wanted && words[0] == "vma")
            {
                vmas.Add(line[4..]);
            }
        }

        return (faults, vmas);
    }

    private static string Line(VmaResult v) => string.Create(CultureInfo.InvariantCulture,
        $"{v.Start:x8}-{v.End:x8} {v.Rights} {v.Offset:x8} {v.RssKiB} {v.AnonymousKiB} {v.Name}").TrimEnd();

    private static string WithoutRss(string line)
    {
        string[] words = line.Split(' ');
        return string.Join(' ', words.Where((_, i) => i is not (3 or 4)));
    }
}
