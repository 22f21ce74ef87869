using System.Globalization;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Scale;

/// <summary>Speed-ups over CPUs as a plot of characters, both axes logarithmic; dots are the ideal.</summary>
internal static class TextPlot
{
    private const int Rows = 15;
    private const int Columns = 57;
    private const string Marks = "oxi+*#@%";

    /// <summary>Writes the plot and its legend.</summary>
    public static void Write(TextWriter output, ScaleCurve curve)
    {
        int cpusMax = curve.Series.Max(series => series.Points[^1].Cpus);
        var axes = PlotAxes.Of(curve);
        var cells = new char[Rows, Columns];
        for (int row = 0; row < Rows; row++)
        {
            for (int column = 0; column < Columns; column++)
                cells[row, column] = ' ';
        }

        for (int column = 0; column < Columns; column++)
            cells[RowOf(axes.Top * column / (Columns - 1), axes), column] = '.';
        for (int s = curve.Series.Count - 1; s >= 0; s--)
        {
            ScaleSeries series = curve.Series[s];
            foreach (ScalePoint point in series.Points)
            {
                int column = (int)Math.Round(Math.Log2(point.Cpus) / axes.Top * (Columns - 1));
                cells[RowOf(PlotAxes.LogOf(series, point), axes), column] = Marks[s % Marks.Length];
            }
        }

        output.WriteLine("Speedup");
        for (int row = 0; row < Rows; row++)
        {
            double value = Math.Pow(2, axes.Bottom + ((axes.Top - axes.Bottom) * (Rows - 1 - row) / (Rows - 1)));
            string label = row % 2 == 0
                ? value.ToString(value < 0.995 ? "F2" : "F1", CultureInfo.InvariantCulture) : "";
            var line = new char[Columns];
            for (int column = 0; column < Columns; column++)
                line[column] = cells[row, column];
            output.WriteLine($"{label,7} |{new string(line)}".TrimEnd());
        }

        output.WriteLine("        +" + new string('-', Columns));
        string cpus = cpusMax.ToString(CultureInfo.InvariantCulture);
        output.WriteLine("        1" + cpus.PadLeft(Columns - 1) + " CPUs");
        for (int s = 0; s < curve.Series.Count; s++)
            output.WriteLine($"        {Marks[s % Marks.Length]} {curve.Series[s].Name}");
        output.WriteLine("        . linear");
    }

    private static int RowOf(double log, PlotAxes axes) =>
        Rows - 1 - (int)Math.Round(Math.Clamp(axes.ShareOf(log), 0, 1) * (Rows - 1));
}
