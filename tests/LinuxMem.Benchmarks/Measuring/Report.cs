using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LinuxMem.Benchmarks.Measuring;

/// <summary>The figures of a run of benches, as a table or as JSON.</summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly List<Figure> figures = [];
    private string bench = "";

    /// <summary>How many figures miss their targets.</summary>
    public int MissedCount => figures.Count(figure => !figure.Met);

    public void Begin(string name) => bench = name;

    /// <summary>A figure without a target.</summary>
    public void Add(string what, double value, string unit) => figures.Add(new Figure(bench, what, value, unit));

    /// <summary>A figure that must be at least so high.</summary>
    public void AddAtLeast(string what, double value, string unit, double target) =>
        figures.Add(new Figure(bench, what, value, unit) { AtLeast = target });

    /// <summary>A figure that must be at most so high.</summary>
    public void AddAtMost(string what, double value, string unit, double target) =>
        figures.Add(new Figure(bench, what, value, unit) { AtMost = target });

    public string ToJson() => JsonSerializer.Serialize(
        new { host = Environment.ProcessorCount + " processors", figures }, Json);

    public string ToTable()
    {
        var text = new StringBuilder();
        text.AppendLine($"{"bench",-10} {"figure",-44} {"value",10} {"unit",-12} {"target",10}");
        foreach (Figure figure in figures)
        {
            string target = figure.AtLeast is { } least ? ">= " + Number(least)
                : figure.AtMost is { } most ? "<= " + Number(most) : "";
            text.AppendLine(string.Create(CultureInfo.InvariantCulture,
                $"{figure.Bench,-10} {figure.What,-44} {Number(figure.Value),10} {figure.Unit,-12} {target,10} "
                + $"{(target.Length == 0 ? "" : figure.Met ? "met" : "MISSED")}").TrimEnd());
        }

        text.AppendLine("Rates are by the CPU time of the machine's thread; threads, boot and many by wall time.");
        return text.ToString();
    }

    private static string Number(double value) =>
        value.ToString(value < 10 ? "0.000" : value < 1000 ? "0.0" : "#,0", CultureInfo.InvariantCulture);
}
