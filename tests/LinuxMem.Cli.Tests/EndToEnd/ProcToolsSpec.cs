using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using LinuxMem.Cli.Tests.Fakes;

namespace LinuxMem.Cli.Tests.EndToEnd;

/// <summary>
/// The tools of Linux on a machine that does not exist. A tool that is not installed is passed over; .ci/run installs
/// them all.
/// </summary>
public sealed partial class ProcToolsSpec : IDisposable
{
    private static readonly bool CanMount = HostTool.CanMount;
    private readonly TempDirectory temp = new();
    private readonly JsonElement result;

    public ProcToolsSpec()
    {
        RealRun run = RealRun.Of("proc", "--at", "1.5ms", "--out", temp["m"], "--json");
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.Code);
        using var json = JsonDocument.Parse(run.Output);
        result = json.RootElement.Clone();
    }

    private string Tree => temp["m"];

    private IEnumerable<JsonElement> Living => result.GetProperty("processes").EnumerateArray()
        .Where(process => process.GetProperty("endNs").ValueKind == JsonValueKind.Null);

    private long TotalKb => Kb("totalPages");

    public void Dispose() => temp.Dispose();

    [Fact]
    public void The_files_agree_with_the_json()
    {
        string meminfo = File.ReadAllText(Path.Combine(Tree, "proc/meminfo"));
        Assert.Contains($"MemTotal:       {TotalKb,8} kB\n", meminfo);
        Assert.Contains($"MemFree:        {Kb("freePages"),8} kB\n", meminfo);
        Assert.Contains($"Shmem:          {Kb("shmemPages"),8} kB\n", meminfo);
        foreach (JsonElement process in Living)
        {
            string directory = Path.Combine(Tree, "proc", process.GetProperty("pid").ToString());
            Assert.Contains($"VmRSS:\t{process.GetProperty("rssKiB").GetInt64(),8} kB\n",
                File.ReadAllText(Path.Combine(directory, "status")));
            Assert.Equal(process.GetProperty("comm").GetString() + "\n",
                File.ReadAllText(Path.Combine(directory, "comm")));
        }
    }

    [Fact]
    public void Smem_lists_the_processes_with_their_memory()
    {
        if (!HostTool.Has("smem --version"))
            return;
        string text = Ok($"smem -H -S {Tree} -c 'pid rss uss pss'");
        Dictionary<long, long> rss = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(Numbers).ToDictionary(row => row[0], row => row[1]);
        foreach (JsonElement process in Living)
            Assert.Equal(process.GetProperty("rssKiB").GetInt64(), rss[process.GetProperty("pid").GetInt64()]);
        Assert.Contains("/bin/postgres", Ok($"smem -S {Tree} -m"));
    }

    [Fact]
    public void Psutil_reads_machine_and_processes()
    {
        if (!HostTool.Has("/usr/bin/python3 -c 'import psutil'"))
            return;
        const string script = "import psutil, sys; psutil.PROCFS_PATH = sys.argv[1]; v = psutil.virtual_memory(); "
            + "print(v.total, v.free, v.shared, psutil.swap_memory().total); "
            + "[print(p.pid, p.memory_info().rss, p.memory_full_info().rss, "
            + "sum(m.rss for m in p.memory_maps())) for p in psutil.process_iter() if p.pid > 1]";
        string[] lines = Ok($"/usr/bin/python3 -c '{script}' {Tree}/proc").Split('\n');
        Assert.Equal([TotalKb * 1024, Kb("freePages") * 1024, Kb("shmemPages") * 1024, 0], Numbers(lines[0]));
        foreach (JsonElement process in Living)
        {
            long bytes = process.GetProperty("rssKiB").GetInt64() * 1024;
            Assert.Contains($"{process.GetProperty("pid")} {bytes} {bytes} {bytes}", lines);
        }
    }

    [Fact]
    public void Free_and_vmstat_show_the_machine()
    {
        if (!CanMount || !HostTool.Has("free -V"))
            return;
        long[] memory = Numbers(Ok(HostTool.On(Tree, "free -w")).Split('\n')[1].Split(':')[1]);
        Assert.Equal(TotalKb, memory[0]);
        Assert.Equal(Kb("freePages"), memory[2]);
        Assert.Equal(Kb("shmemPages"), memory[3]);
        Assert.Equal(Kb("shmemPages") + Kb("filePages"), memory[5]);
        string stat = Ok(HostTool.On(Tree, "vmstat -s"));
        Assert.Matches($@"\b{TotalKb} K total memory", stat);
        Assert.Matches($@"\b{Kb("freePages")} K free memory", stat);
        Assert.Equal(Kb("freePages"), Numbers(Ok(HostTool.On(Tree, "vmstat")).Split('\n')[2])[3]);
    }

    [Fact]
    public void Ps_and_top_list_the_processes()
    {
        if (!CanMount || !HostTool.Has("ps --version"))
            return;
        string[] ps = [.. Ok(HostTool.On(Tree, "ps -e -o pid=,ppid=,rss=,vsz=,comm=")).Split('\n')
            .Select(line => Blanks().Replace(line.Trim(), " "))];
        string top = Ok(HostTool.On(Tree, "top -b -n 1 -w 200"));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{TotalKb / 1024.0:f1} total"), top);
        foreach (JsonElement process in Living)
        {
            string[] fields = [.. new[] { "pid", "ppid", "rssKiB", "vszKiB", "comm" }
                .Select(name => process.GetProperty(name).ToString())];
            Assert.Contains(string.Join(' ', fields), ps);
            Assert.Matches($@"(?m)^ *{fields[0]} +root .* {fields[3]} +{fields[2]} .* {fields[4]} *$", top);
        }
    }

    [Fact]
    public void Pmap_lists_mappings()
    {
        if (!CanMount || !HostTool.Has("pmap -V"))
            return;
        JsonElement process = Living.First(p => p.GetProperty("comm").GetString() == "postgres");
        string text = Ok(HostTool.On(Tree, $"pmap -x {process.GetProperty("pid")}"));
        Assert.Contains("/bin/postgres\n", text);
        Assert.Matches(@"r-x-- postgres\n", text);
        long[] total = Numbers(text.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Split("kB")[1]);
        // pmap counts the page of [vsyscall], which is not part of the address space.
        Assert.Equal(process.GetProperty("vszKiB").GetInt64() + 4, total[0]);
        Assert.Equal(process.GetProperty("rssKiB").GetInt64(), total[1]);
    }

    private static string Ok(string command)
    {
        (int code, string output) = HostTool.Run(command);
        Assert.True(code == 0, $"{command}: {output}");
        return output;
    }

    private static long[] Numbers(string line) => [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(word => long.Parse(word, CultureInfo.InvariantCulture))];

    private long Kb(string pages) => result.GetProperty("memory").GetProperty(pages).GetInt64() * 4;

    [GeneratedRegex(" +")]
    private static partial Regex Blanks();
}
