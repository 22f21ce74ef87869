using System.Text.Json;

namespace LinuxMem.Reporting.Tests.Timeline;

/// <summary>
/// A trace in Chrome's Trace Event Format, read back and held against its rules: every event has what its phase needs,
/// spans of a track nest, asynchronous ones pair up, every track has a name.
/// </summary>
public sealed class ChromeTraceFile
{
    public required IReadOnlyList<ChromeEvent> Events { get; init; }

    public static ChromeTraceFile Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        Assert.Equal("ns", document.RootElement.GetProperty("displayTimeUnit").GetString());
        return new ChromeTraceFile
        {
            Events = [.. document.RootElement.GetProperty("traceEvents").EnumerateArray().Select(ChromeEvent.Of)],
        };
    }

    public IEnumerable<ChromeEvent> SpansOf(string track)
    {
        ChromeEvent name = Events.First(e => e.Phase == "M" && e.Name == "thread_name" && e.Named == track);
        return Events.Where(e => e.Phase == "X" && (e.Pid, e.Tid) == (name.Pid, name.Tid))
            .OrderBy(e => e.Ts).ThenByDescending(e => e.Dur);
    }

    public void Check()
    {
        HashSet<(long, long)> tracks = [.. Events.Where(e => e.Name == "thread_name").Select(e => (e.Pid, e.Tid))];
        HashSet<long> processes = [.. Events.Where(e => e.Name == "process_name").Select(e => e.Pid)];
        foreach (ChromeEvent span in Events.Where(e => e.Phase is "X" or "i"))
        {
            Assert.Contains((span.Pid, span.Tid), tracks);
            Assert.Contains(span.Pid, processes);
            Assert.True(span.Dur >= 0 && span.Ts >= 0, $"{span.Name} at {span.Ts} for {span.Dur}");
        }

        foreach (IGrouping<(long, long), ChromeEvent> track in Events.Where(e => e.Phase == "X")
            .GroupBy(e => (e.Pid, e.Tid)))
            CheckNesting(track.OrderBy(e => e.Ts).ThenByDescending(e => e.Dur));
        CheckPairs();
        CheckFlows(tracks);
    }

    // An arrow begins and ends on tracks that exist, and does not go back in time.
    private void CheckFlows(HashSet<(long, long)> tracks)
    {
        Dictionary<long, ChromeEvent> begun = Events.Where(e => e.Phase == "s").ToDictionary(e => e.Id);
        foreach (ChromeEvent end in Events.Where(e => e.Phase == "f"))
        {
            Assert.True(begun.Remove(end.Id, out ChromeEvent? begin) && begin.Ts <= end.Ts);
            Assert.Contains((begin.Pid, begin.Tid), tracks);
            Assert.Contains((end.Pid, end.Tid), tracks);
            Assert.Equal(begin.Name, end.Name);
        }

        Assert.Empty(begun);
    }

    private static void CheckNesting(IEnumerable<ChromeEvent> spans)
    {
        const double tolerance = 0.0005; // half a nanosecond
        var open = new Stack<ChromeEvent>();
        foreach (ChromeEvent span in spans)
        {
            while (open.Count > 0 && open.Peek().End <= span.Ts + tolerance)
                open.Pop();
            if (open.TryPeek(out ChromeEvent? around))
                Assert.True(span.End <= around.End + tolerance, $"{span} is neither in {around} nor behind it");
            open.Push(span);
        }
    }

    private void CheckPairs()
    {
        var begun = new Dictionary<(string, long), double>();
        foreach (ChromeEvent e in Events)
        {
            if (e.Phase == "b")
                begun.Add((e.Category, e.Id), e.Ts);
            else if (e.Phase == "e")
                Assert.True(begun.Remove((e.Category, e.Id), out double ts) && ts <= e.Ts);
        }
    }
}

public sealed record ChromeEvent(
    string Phase, string Name, string Category, long Pid, long Tid, double Ts, double Dur, long Id, string? Named)
{
    private static readonly string[] Known = ["X", "M", "C", "i", "b", "e", "s", "f"];

    public double End => Ts + Dur;

    public static ChromeEvent Of(JsonElement e)
    {
        string phase = e.GetProperty("ph").GetString()!;
        Assert.Contains(phase, Known);
        bool isMeta = phase == "M";
        if (phase == "i")
            Assert.Equal("t", e.GetProperty("s").GetString());
        return new ChromeEvent(
            phase,
            e.GetProperty("name").GetString()!,
            phase is "X" or "b" or "e" or "s" or "f" ? e.GetProperty("cat").GetString()! : "",
            e.GetProperty("pid").GetInt64(),
            e.GetProperty("tid").GetInt64(),
            isMeta ? 0 : e.GetProperty("ts").GetDouble(),
            phase == "X" ? e.GetProperty("dur").GetDouble() : 0,
            phase is "b" or "e" or "s" or "f" ? e.GetProperty("id").GetInt64() : 0,
            isMeta ? e.GetProperty("args").GetProperty("name").GetString() : null);
    }
}
