using System.Text.Json;
using LinuxMem.Reporting.Text;

namespace LinuxMem.Reporting.Html;

/// <summary>
/// What was injected, and how a run ended that was not to end so: the first thing that the page tells.
/// </summary>
internal static class HtmlInjected
{
    private const int ListedMax = 20;

    /// <summary>Writes the paragraphs; nothing if nothing was injected and the run ended as it was to.</summary>
    public static void Write(HtmlText html, JsonElement result)
    {
        if (result.TryGetProperty("faultsInjected", out JsonElement faults))
            WriteFaults(html, faults);
        foreach ((string kind, string reason) in ((string, string)[])[("panic", "message"), ("stall", "reason")])
        {
            if (result.TryGetProperty(kind, out JsonElement end))
            {
                html.Element("p class=\"note\"", $"Ended by a {kind} at "
                    + $"{Units.Duration(end.GetProperty("atNs").GetInt64())}: {end.GetProperty(reason).GetString()}")
                    .Raw("\n");
            }
        }
    }

    private static void WriteFaults(HtmlText html, JsonElement faults)
    {
        html.Element("h2", $"Faults injected: {Units.Exact(faults.GetProperty("failures").GetInt64())}").Raw("\n");
        foreach (JsonElement rule in faults.GetProperty("rules").EnumerateArray())
            html.Element("p class=\"note\"", rule.GetString()!).Raw("\n");
        JsonElement[] injected = [.. faults.GetProperty("injected").EnumerateArray()];
        foreach (JsonElement one in injected.Take(ListedMax))
        {
            html.Element("p class=\"note\"", $"{Units.Duration(one.GetProperty("atNs").GetInt64())}: "
                + $"{one.GetProperty("site").GetString()}#{one.GetProperty("ordinal").GetInt64()} in "
                + one.GetProperty("operation").GetString()).Raw("\n");
        }

        if (injected.Length > ListedMax)
            html.Element("p class=\"note\"", $"{Units.Exact(injected.Length - ListedMax)} more").Raw("\n");
    }
}
