using System.Globalization;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Scale;

/// <summary>Speed-ups over CPUs as an SVG picture, and as an HTML page with the picture and the numbers.</summary>
public static class SvgPlot
{
    private const int Width = 760;
    private const int Height = 480;
    private const int Left = 60;
    private const int Right = 200;
    private const int Top = 40;
    private const int Bottom = 50;

    private static readonly string[] Colours = ["#1b6ca8", "#c8553d", "#588b3b", "#8a4f9e", "#b58900", "#3c3c3c"];

    /// <summary>Writes the picture.</summary>
    public static void Write(TextWriter output, ScaleCurve curve)
    {
        var axes = PlotAxes.Of(curve);
        output.Write($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" "
            + $"height=\"{Height}\" font-family=\"sans-serif\" font-size=\"12\">\n");
        output.Write($"<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/>\n");
        output.Write($"<text x=\"{Left}\" y=\"22\" font-size=\"15\">{Escape(curve.Test)}: speedup over CPUs</text>\n");
        for (int power = axes.Bottom; power <= (int)Math.Floor(axes.Top); power++)
            WriteGrid(output, power, axes);
        output.Write($"<line x1=\"{X(0, axes)}\" y1=\"{Y(0, axes)}\" x2=\"{X(axes.Top, axes)}\" "
            + $"y2=\"{Y(axes.Top, axes)}\" stroke=\"#999\" stroke-dasharray=\"4 4\"/>\n");
        for (int s = 0; s < curve.Series.Count; s++)
            WriteSeries(output, curve.Series[s], s, axes);
        output.Write("</svg>\n");
    }

    /// <summary>Writes a page that needs nothing else.</summary>
    public static void WriteHtml(TextWriter output, ScaleCurve curve)
    {
        string title = Escape(curve.Test);
        output.Write($"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\n<style>"
            + "body{font-family:sans-serif;margin:2em}table{border-collapse:collapse;margin:1em 0}"
            + "td,th{padding:2px 10px;text-align:right;border-bottom:1px solid #ddd}</style></head><body>\n");
        output.Write($"<h1>{title}</h1>\n<p>{Escape(curve.Description)}</p>\n");
        Write(output, curve);
        foreach (ScaleSeries series in curve.Series)
        {
            output.Write($"<h2>{Escape(series.Name)}</h2>\n<table><tr><th>CPUs</th><th>operations/s</th>"
                + "<th>speedup</th><th>efficiency</th><th>limited by</th><th>waiting</th></tr>\n");
            foreach (ScalePoint point in series.Points)
            {
                output.Write(string.Create(CultureInfo.InvariantCulture,
                    $"<tr><td>{point.Cpus}</td><td>{point.PerSecond:N0}</td><td>{series.SpeedupOf(point):F2}</td>"));
                output.Write(string.Create(CultureInfo.InvariantCulture,
                    $"<td>{series.EfficiencyOf(point):P1}</td><td>{Escape(point.Limit)}</td>"));
                output.Write(string.Create(CultureInfo.InvariantCulture, $"<td>{point.LimitShare:P1}</td></tr>\n"));
            }

            output.Write("</table>\n");
        }

        output.Write("</body></html>\n");
    }

    private static void WriteGrid(TextWriter output, int power, PlotAxes axes)
    {
        string y = Y(power, axes), number = Math.Pow(2, power).ToString("0.####", CultureInfo.InvariantCulture);
        output.Write($"<line x1=\"{Left}\" y1=\"{y}\" x2=\"{Width - Right}\" y2=\"{y}\" "
            + $"stroke=\"{(power == 0 ? "#bbb" : "#eee")}\"/>\n");
        output.Write($"<text x=\"{Left - 8}\" y=\"{y}\" text-anchor=\"end\" dy=\"4\">{number}</text>\n");
        if (power < 0)
            return;
        string x = X(power, axes);
        output.Write($"<line x1=\"{x}\" y1=\"{Top}\" x2=\"{x}\" y2=\"{Height - Bottom}\" stroke=\"#eee\"/>\n");
        output.Write($"<text x=\"{x}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{number}</text>\n");
    }

    private static void WriteSeries(TextWriter output, ScaleSeries series, int index, PlotAxes axes)
    {
        string colour = Colours[index % Colours.Length];
        IEnumerable<(string X, string Y)> points = series.Points.Select(point => (
            X(Math.Log2(point.Cpus), axes), Y(PlotAxes.LogOf(series, point), axes)));
        string line = string.Join(' ', points.Select(point => point.X + "," + point.Y));
        output.Write($"<polyline points=\"{line}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n");
        foreach ((string x, string y) in points)
            output.Write($"<circle cx=\"{x}\" cy=\"{y}\" r=\"3\" fill=\"{colour}\"/>\n");
        int legend = Top + 10 + (index * 20);
        output.Write($"<circle cx=\"{Width - Right + 20}\" cy=\"{legend}\" r=\"4\" fill=\"{colour}\"/>\n");
        output.Write($"<text x=\"{Width - Right + 32}\" y=\"{legend + 4}\">{Escape(series.Name)}</text>\n");
    }

    private static string X(double log, PlotAxes axes) => Text(Left + (log / axes.Top * (Width - Left - Right)));

    // More than linear leaves the grid, but not the picture.
    private static string Y(double log, PlotAxes axes) =>
        Text(Height - Bottom - (Math.Min(axes.ShareOf(log), 1.02) * (Height - Top - Bottom)));

    private static string Text(double value) => value.ToString("F1", CultureInfo.InvariantCulture);

    private static string Escape(string text) => System.Net.WebUtility.HtmlEncode(text);
}
