using System.Text.Json;

namespace LinuxMem.Reporting.Tests.Timeline;

/// <summary>
/// A trace in Chrome's Trace Event Format, read back and held against its rules and those of Perfetto, which drops what
/// breaks them: every event has what its phase needs and nothing else, spans of a track nest, asynchronous ones pair
/// up, every track and every process has one name.
/// </summary>
public sealed class ChromeTraceFile
{
    private const double Tolerance = 0.0005; // half a nanosecond

    public required IReadOnlyList<ChromeEvent> Events { get; init; }

    public static ChromeTraceFile Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        Assert.Equal(["displayTimeUnit", "traceEvents"],
            document.RootElement.EnumerateObject().Select(property => property.Name));
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
        List<(long, long)> tracks = [.. Events.Where(e => e.Name == "thread_name").Select(e => (e.Pid, e.Tid))];
        List<long> processes = [.. Events.Where(e => e.Name == "process_name").Select(e => e.Pid)];
        Assert.Distinct(tracks);
        Assert.Distinct(processes);
        HashSet<(long, long)> named = [.. tracks];
        HashSet<long> known = [.. processes];
        foreach (ChromeEvent e in Events)
        {
            Assert.True(known.Contains(e.Pid), $"{e} is of a process without a name");
            Assert.True(e.Dur >= 0 && e.Ts >= 0, $"{e} goes back in time");
            if (e.Phase is "X" or "i" or "s" or "f")
                Assert.True(named.Contains((e.Pid, e.Tid)), $"{e} is on a track without a name");
        }

        foreach (IGrouping<(long, long), ChromeEvent> track in Events.Where(e => e.Phase == "X")
            .GroupBy(e => (e.Pid, e.Tid)))
            CheckNesting(track.OrderBy(e => e.Ts).ThenByDescending(e => e.Dur));
        CheckPairs();
        CheckFlows();
        CheckCounters();
    }

    // An arrow begins and ends in a span, else Perfetto does not show it, and does not go back in time.
    private void CheckFlows()
    {
        ILookup<(long, long), ChromeEvent> spans = Events.Where(e => e.Phase == "X").ToLookup(e => (e.Pid, e.Tid));
        Dictionary<long, ChromeEvent> begun = Events.Where(e => e.Phase == "s").ToDictionary(e => e.Id);
        foreach (ChromeEvent end in Events.Where(e => e.Phase == "f"))
        {
            Assert.True(begun.Remove(end.Id, out ChromeEvent? begin) && begin.Ts <= end.Ts);
            Assert.Equal((begin.Name, begin.Category), (end.Name, end.Category));
            foreach (ChromeEvent e in new[] { begin, end })
            {
                Assert.True(spans[(e.Pid, e.Tid)].Any(s => s.Ts <= e.Ts + Tolerance && e.Ts <= s.End + Tolerance),
                    $"{e} is in no span");
            }
        }

        Assert.Empty(begun);
    }

    // A counter has the same series from its first value to its last, in the order of time.
    private void CheckCounters()
    {
        foreach (IGrouping<(long, string), ChromeEvent> counter in Events.Where(e => e.Phase == "C")
            .GroupBy(e => (e.Pid, e.Name)))
        {
            string series = counter.First().Series;
            Assert.NotEqual("", series);
            Assert.All(counter, e => Assert.Equal(series, e.Series));
            Assert.Equal(counter.Select(e => e.Ts).Order(), counter.Select(e => e.Ts));
        }
    }

    private static void CheckNesting(IEnumerable<ChromeEvent> spans)
    {
        var open = new Stack<ChromeEvent>();
        foreach (ChromeEvent span in spans)
        {
            while (open.Count > 0 && open.Peek().End <= span.Ts + Tolerance)
                open.Pop();
            if (open.TryPeek(out ChromeEvent? around))
                Assert.True(span.End <= around.End + Tolerance, $"{span} is neither in {around} nor behind it");
            open.Push(span);
        }
    }

    private void CheckPairs()
    {
        var begun = new Dictionary<(string, long), ChromeEvent>();
        foreach (ChromeEvent e in Events)
        {
            if (e.Phase == "b")
            {
                begun.Add((e.Category, e.Id), e);
            }
            else if (e.Phase == "e")
            {
                Assert.True(begun.Remove((e.Category, e.Id), out ChromeEvent? begin) && begin.Ts <= e.Ts, $"{e}");
                Assert.Equal((begin.Name, begin.Pid), (e.Name, e.Pid));
            }
        }
    }
}

public sealed record ChromeEvent(
    string Phase, string Name, string Category, long Pid, long Tid, double Ts, double Dur, long Id, string? Named,
    string Series)
{
    // The keys of each phase, beside ph, name, pid and tid; args may be missing where it is not needed.
    private static readonly Dictionary<string, string[]> Keys = new()
    {
        ["X"] = ["cat", "ts", "dur"],
        ["M"] = ["args"],
        ["C"] = ["ts", "args"],
        ["i"] = ["s", "ts"],
        ["b"] = ["cat", "id", "ts"],
        ["e"] = ["cat", "id", "ts"],
        ["s"] = ["cat", "id", "ts"],
        ["f"] = ["cat", "bp", "id", "ts"],
    };

    private static readonly string[] Metadata = ["process_name", "thread_name", "process_sort_index"];

    public double End => Ts + Dur;

    public static ChromeEvent Of(JsonElement e)
    {
        string phase = e.GetProperty("ph").GetString()!;
        string[] keys = Keys[phase];
        Assert.Equal(((string[])["ph", "name", "pid", "tid", .. keys]).Order(),
            e.EnumerateObject().Select(property => property.Name)
                .Where(key => key != "args" || keys.Contains("args")).Order());
        string name = e.GetProperty("name").GetString()!;
        Assert.NotEqual("", name);
        if (phase == "i")
            Assert.Equal("t", e.GetProperty("s").GetString());
        if (phase == "f")
            Assert.Equal("e", e.GetProperty("bp").GetString());
        if (phase == "M")
            Assert.Contains(name, Metadata);
        return new ChromeEvent(
            phase,
            name,
            keys.Contains("cat") ? e.GetProperty("cat").GetString()! : "",
            e.GetProperty("pid").GetUInt32(),
            e.GetProperty("tid").GetUInt32(),
            keys.Contains("ts") ? e.GetProperty("ts").GetDouble() : 0,
            phase == "X" ? e.GetProperty("dur").GetDouble() : 0,
            keys.Contains("id") ? e.GetProperty("id").GetInt64() : 0,
            name is "process_name" or "thread_name" ? e.GetProperty("args").GetProperty("name").GetString() : null,
            phase == "C" ? SeriesOf(e.GetProperty("args")) : "");
    }

    private static string SeriesOf(JsonElement values)
    {
        Assert.All(values.EnumerateObject(), value => Assert.Equal(JsonValueKind.Number, value.Value.ValueKind));
        return string.Join(',', values.EnumerateObject().Select(value => value.Name));
    }
}
