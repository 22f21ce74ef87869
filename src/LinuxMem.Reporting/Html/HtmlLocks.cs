using System.Text.Json;
using LinuxMem.Reporting.Text;

namespace LinuxMem.Reporting.Html;

/// <summary>What tasks waited for, and the longest waits with who had the lock.</summary>
internal static class HtmlLocks
{
    private const int MostRows = 20;

    /// <summary>Writes it, if anybody waited; results without statistics of locks have none.</summary>
    public static void Write(HtmlText html, JsonElement result)
    {
        if (!result.TryGetProperty("locks", out JsonElement locks) || locks.GetProperty("calls").GetArrayLength() == 0)
            return;
        html.Element("h2", "Lock contention").Raw("\n");
        html.Table(["lock", "caller", "contended", "total wait", "longest", "average", "99% at most"], firstNumber: 2,
            locks.GetProperty("calls").EnumerateArray().Select(Row), MostRows);
        if (locks.GetProperty("worst").GetArrayLength() == 0)
            return;
        html.Element("h2", "Longest waits for locks").Raw("\n");
        html.Table(["lock", "caller", "who had it", "task", "task that had it", "moment", "wait"], firstNumber: 3,
            locks.GetProperty("worst").EnumerateArray().Select(Wait), MostRows);
    }

    private static IReadOnlyList<string> Row(JsonElement call)
    {
        JsonElement waits = call.GetProperty("waits");
        long count = waits.GetProperty("count").GetInt64();
        string name = call.GetProperty("class").GetString()!;
        if (name is "mmap_lock" or "vma_lock")
            name += call.GetProperty("writes").GetBoolean() ? ", writing" : ", reading";
        return
        [
            name, call.GetProperty("call").GetString()!, Units.Exact(count), Time(waits, "totalNs"),
            Time(waits, "maxNs"), Units.Duration(waits.GetProperty("totalNs").GetInt64() / Math.Max(1, count)),
            Time(waits, "p99Ns"),
        ];
    }

    private static IReadOnlyList<string> Wait(JsonElement wait)
    {
        bool isKnown = wait.GetProperty("holderTid").GetInt32() != 0;
        return
        [
            wait.GetProperty("class").GetString()!, wait.GetProperty("call").GetString()!,
            isKnown ? wait.GetProperty("holderCall").GetString()! : "-", wait.GetProperty("tid").GetRawText(),
            isKnown ? wait.GetProperty("holderTid").GetRawText() : "-", Time(wait, "atNs"), Time(wait, "waitNs"),
        ];
    }

    private static string Time(JsonElement of, string key) => Units.Duration(of.GetProperty(key).GetInt64());
}
