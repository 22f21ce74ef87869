using System.Text.Json;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Reporting.Json;

/// <summary>What was injected, as JSON.</summary>
internal static class FaultReportJson
{
    /// <summary>Writes the key "faultsInjected" with its object.</summary>
    public static void Write(Utf8JsonWriter json, FaultReport report)
    {
        json.WriteStartObject("faultsInjected");
        json.WriteNumber("failures", report.Failures);
        json.WriteStartArray("rules");
        foreach (FaultRule rule in report.Settings.Rules)
            json.WriteStringValue(FaultText.Format(rule));
        json.WriteEndArray();
        json.WriteNumber("failNth", report.Settings.FailNth);
        json.WriteBoolean("failNthAndAfter", report.Settings.FailNthMode == FailNthMode.AndAfter);
        json.WriteNumber("counted", report.Counted);
        json.WriteStartArray("warnings");
        foreach (string warning in report.Warnings)
            json.WriteStringValue(warning);
        json.WriteEndArray();
        json.WriteStartArray("messages");
        foreach (WireCount pair in report.Messages)
            WritePair(json, pair);
        json.WriteEndArray();
        json.WriteStartArray("injected");
        foreach (InjectedFault fault in report.Injected)
            WriteFault(json, fault);
        json.WriteEndArray();
        json.WriteStartArray("reached");
        foreach (FaultReached reached in report.Reached)
            WriteReached(json, reached);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WritePair(Utf8JsonWriter json, WireCount pair)
    {
        json.WriteStartObject();
        json.WriteString("pair", pair.Pair);
        json.WriteNumber("sent", pair.Sent);
        json.WriteNumber("lost", pair.Lost);
        json.WriteNumber("doubled", pair.Copies);
        json.WriteNumber("late", pair.Late);
        json.WriteEndObject();
    }

    private static void WriteFault(Utf8JsonWriter json, InjectedFault fault)
    {
        json.WriteStartObject();
        json.WriteString("point", fault.Decision.Site.Point.Name);
        json.WriteString("site", fault.Decision.Site.Name);
        json.WriteNumber("ordinal", fault.Decision.Ordinal);
        json.WriteNumber("atNs", fault.AtNs);
        json.WriteNumber("tid", fault.Tid);
        json.WriteString("operation", fault.Operation);
        json.WriteString("detail", fault.Detail);
        json.WriteEndObject();
    }

    private static void WriteReached(Utf8JsonWriter json, FaultReached reached)
    {
        json.WriteStartObject();
        json.WriteString("site", reached.Site.Name);
        json.WriteString("operation", reached.Operation.Name);
        json.WriteString("phase", reached.Phase switch
        {
            FaultPhase.Calm => "calm",
            FaultPhase.Short => "short",
            _ => "recovery",
        });
        json.WriteNumber("passed", reached.Passed);
        json.WriteNumber("failed", reached.Failed);
        json.WriteEndObject();
    }
}
