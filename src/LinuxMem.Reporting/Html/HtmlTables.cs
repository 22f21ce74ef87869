using System.Text.Json;
using LinuxMem.Reporting.Text;

namespace LinuxMem.Reporting.Html;

/// <summary>The tables of the page.</summary>
internal static class HtmlTables
{
    /// <summary>The processes.</summary>
    public static void WriteProcesses(HtmlText html, JsonElement result)
    {
        html.Element("h2", "Processes").Raw("\n");
        html.Table(
            ["name", "fate", "pid", "parent", "threads", "accesses", "minor faults", "major", "most resident",
                "CPU time", "waited for memory", "for disks"],
            firstNumber: 2,
            result.GetProperty("processes").EnumerateArray().Select(p => (IReadOnlyList<string>)
            [
                p.GetProperty("comm").GetString()!, p.GetProperty("fate").GetString()!, Plain(p, "pid"),
                Plain(p, "ppid"), Plain(p, "threads"), Number(p, "accesses"), Number(p, "minflt"), Number(p, "majflt"),
                Units.Kib(p.GetProperty("maxRssKiB").GetInt64()), Time(p, "cpuNs"), Time(p, "memoryStallNs"),
                Time(p, "ioStallNs"),
            ]));
    }

    /// <summary>Who shares what, if anybody does; results from before sharing was told have none.</summary>
    public static void WriteSharing(HtmlText html, JsonElement result)
    {
        if (!result.TryGetProperty("sharing", out JsonElement sharing))
            return;
        JsonElement cow = sharing.GetProperty("copyOnWrite");
        if (cow.GetProperty("peakPages").GetInt64() == 0)
            return;
        long pageBytes = result.GetProperty("memory").GetProperty("pageBytes").GetInt64();
        html.Element("h2", "Sharing").Raw("\n");
        html.Element("p", $"At most {Units.Bytes(cow.GetProperty("peakPages").GetInt64() * pageBytes)} were saved, at "
            + $"{Time(cow, "peakNs")}. Fork shared {Number(cow, "forkedPages")} pages, for {Time(cow, "meanSharedNs")} "
            + $"on average; {Number(cow, "copiedPages")} were copied, {Number(cow, "avoidedPages")} were not.");
        html.Raw("\n");
        if (sharing.GetProperty("processes").GetArrayLength() == 0)
            return;
        html.Table(
            ["name", "pid", "resident", "private", "proportional", "shared anonymous", "of files", "shared memory"],
            firstNumber: 1,
            sharing.GetProperty("processes").EnumerateArray().Select(p => (IReadOnlyList<string>)
            [
                p.GetProperty("comm").GetString()!, Plain(p, "pid"), Pages(p, "rssPages"), Pages(p, "privatePages"),
                Units.Bytes(p.GetProperty("pssBytes").GetInt64()), Pages(p, "sharedAnonPages"),
                Pages(p, "sharedFilePages"), Pages(p, "sharedShmemPages"),
            ]));

        string Pages(JsonElement p, string key) => Units.Bytes(p.GetProperty(key).GetInt64() * pageBytes);
    }

    /// <summary>The counters that are not 0.</summary>
    public static void WriteCounters(HtmlText html, JsonElement result)
    {
        html.Element("h2", "/proc/vmstat").Raw("\n");
        html.Table(["counter", "value"], firstNumber: 1, result.GetProperty("vmstat").EnumerateObject()
            .Where(c => c.Value.GetInt64() != 0)
            .Select(c => (IReadOnlyList<string>)[c.Name, Units.Exact(c.Value.GetInt64())]), mostRows: 400);
    }

    /// <summary>What the simulated kernel has printed, if anything.</summary>
    public static void WriteKernelLog(HtmlText html, JsonElement result)
    {
        if (!result.TryGetProperty("kernelLog", out JsonElement log) || log.GetArrayLength() == 0)
            return;
        html.Element("h2", "Kernel log").Raw("\n");
        html.Table(["moment", "text"], firstNumber: 2, log.EnumerateArray().Select(line =>
            (IReadOnlyList<string>)[Time(line, "atNs"), line.GetProperty("text").GetString()!]), mostRows: 500);
    }

    private static string Plain(JsonElement of, string key) => of.GetProperty(key).GetInt64().ToString("d");

    private static string Number(JsonElement of, string key) => Units.Exact(of.GetProperty(key).GetInt64());

    private static string Time(JsonElement of, string key) => Units.Duration(of.GetProperty(key).GetInt64());
}
