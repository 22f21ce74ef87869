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
        double top = Math.Log2(Math.Max(2, cpusMax));
        var cells = new char[Rows, Columns];
        for (int row = 0; row < Rows; row++)
        {
            for (int column = 0; column < Columns; column++)
                cells[row, column] = ' ';
        }

        for (int column = 0; column < Columns; column++)
            cells[RowOf(top * column / (Columns - 1), top), column] = '.';
        for (int s = curve.Series.Count - 1; s >= 0; s--)
        {
            ScaleSeries series = curve.Series[s];
            foreach (ScalePoint point in series.Points)
            {
                double speedup = Math.Log2(Math.Max(series.SpeedupOf(point), 1e-3));
                int column = (int)Math.Round(Math.Log2(point.Cpus) / top * (Columns - 1));
                cells[RowOf(speedup, top), column] = Marks[s % Marks.Length];
            }
        }

        output.WriteLine("Speedup");
        for (int row = 0; row < Rows; row++)
        {
            double value = Math.Pow(2, top * (Rows - 1 - row) / (Rows - 1));
            string label = row % 2 == 0 ? value.ToString("F1", CultureInfo.InvariantCulture) : "";
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

    // A speed-up below one CPU's stands on the axis.
    private static int RowOf(double log, double top) =>
        Rows - 1 - (int)Math.Round(Math.Clamp(log / top, 0, 1) * (Rows - 1));
}
