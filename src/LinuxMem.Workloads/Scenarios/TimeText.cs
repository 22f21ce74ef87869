using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios;

/// <summary>Times outside scenario files, in the scenarios' grammar: "1.5ms".</summary>
public static class TimeText
{
    /// <summary>Reads a time of at most 11.5 days; false with the reason if the text is none.</summary>
    public static bool TryParse(string text, out long ns, out string reason)
    {
        UInt128? value = Grammar.Measure(text, Grammar.TimeUnits, out reason);
        ns = value <= TimeShape.LongestNs ? (long)value : 0;
        if (value > TimeShape.LongestNs)
            reason = "is longer than " + TimeShape.Format(TimeShape.LongestNs);
        return value <= TimeShape.LongestNs;
    }
}
