using System.Text.Json;
using LinuxMem.Reporting.Text;

namespace LinuxMem.Reporting.Html;

/// <summary>The first lines of the page: what ran, how it ended, whether all is well.</summary>
internal static class HtmlSummary
{
    /// <summary>Writes them.</summary>
    public static void Write(HtmlText html, JsonElement result)
    {
        JsonElement audit = result.GetProperty("audit");
        int broken = audit.GetProperty("violations").GetArrayLength();
        JsonElement memory = result.GetProperty("memory");
        long pageBytes = memory.GetProperty("pageBytes").GetInt64();
        int living = result.GetProperty("processes").EnumerateArray()
            .Count(p => p.GetProperty("endNs").ValueKind == JsonValueKind.Null);
        html.Raw("<div class=\"tiles\">\n");
        Tile(html, "virtual time", Units.Duration(result.GetProperty("virtualNs").GetInt64()));
        Tile(html, "processes", $"{result.GetProperty("processes").GetArrayLength()} ({living} live)");
        Tile(html, "CPUs", result.GetProperty("cpus").GetArrayLength().ToString("d"));
        Tile(html, "memory", Units.Bytes(memory.GetProperty("totalPages").GetInt64() * pageBytes));
        Tile(html, "accesses", Units.Count(result.GetProperty("accesses").GetInt64()));
        Tile(html, "page faults", Units.Exact(result.GetProperty("vmstat").GetProperty("pgfault").GetInt64()));
        long checks = audit.GetProperty("checks").GetInt64();
        Tile(html, "audit", broken > 0 ? $"{broken} violations"
            : checks == 0 ? "off" : $"{Units.Exact(checks)} checks, all well");
        html.Raw("</div>\n");
        html.Element("p class=\"note\"", $"Seed {result.GetProperty("seed").GetUInt64()}, digest "
            + $"{result.GetProperty("digest").GetString()}, build {result.GetProperty("build").GetString()}").Raw("\n");
        foreach (JsonElement violation in audit.GetProperty("violations").EnumerateArray().Take(50))
            html.Element("p class=\"bad\"", "Invariant violated: " + violation.GetString()).Raw("\n");
    }

    private static void Tile(HtmlText html, string name, string value) =>
        html.Raw("<div>").Element("b", value).Element("span", name).Raw("</div>\n");
}
