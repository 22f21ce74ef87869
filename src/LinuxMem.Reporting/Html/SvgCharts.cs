using System.Globalization;
using LinuxMem.Reporting.Text;

namespace LinuxMem.Reporting.Html;

/// <summary>A named row of numbers in a chart.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">Its numbers.</param>
/// <param name="Colour">Its colour, from 0 to 7; 4 is grey.</param>
internal sealed record ChartSeries(string Name, IReadOnlyList<double> Values, int Colour);

/// <summary>Charts as inline SVG, without scripts: their colours are classes s0 to s7 of the page's style.</summary>
internal static class SvgCharts
{
    private const int Width = 860;
    private const int Height = 220;
    private const int Left = 70;
    private const int Bottom = 24;
    private const int RowHeight = 20;
    private const int NameWidth = 190;

    /// <summary>Areas that stand on one another, over time.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="timesNs">The moments, rising; two at least.</param>
    /// <param name="series">The areas, the lowest first.</param>
    /// <param name="unit">Writes a number of the scale.</param>
    public static void Areas(
        HtmlText html, IReadOnlyList<long> timesNs, IReadOnlyList<ChartSeries> series, Func<double, string> unit)
    {
        double top = Math.Max(1e-9, Enumerable.Range(0, timesNs.Count).Max(i => series.Sum(s => s.Values[i])));
        double spanNs = Math.Max(1, timesNs[^1] - timesNs[0]);
        double X(int i) => Left + ((timesNs[i] - timesNs[0]) / spanNs * (Width - Left - 10));
        double Y(double value) => Height - Bottom - (value / top * (Height - Bottom - 10));
        Begin(html, Width, Height);
        Scale(html, top, Y, unit);
        var below = new double[timesNs.Count];
        for (int s = 0; s < series.Count; s++)
        {
            html.Raw($"<path class=\"s{series[s].Colour}\" d=\"");
            for (int i = 0; i < timesNs.Count; i++)
                html.Raw(i == 0 ? "M" : "L").Raw(Point(X(i), Y(below[i] + series[s].Values[i])));
            for (int i = timesNs.Count - 1; i >= 0; i--)
                html.Raw("L").Raw(Point(X(i), Y(below[i])));
            html.Raw("Z\"><title>").Text(series[s].Name).Raw("</title></path>\n");
            for (int i = 0; i < timesNs.Count; i++)
                below[i] += series[s].Values[i];
        }

        Label(html, Left, Height - 6, "start", Units.Duration(timesNs[0]));
        Label(html, Width - 10, Height - 6, "end", Units.Duration(timesNs[^1]));
        html.Raw("</svg>\n");
        Legend(html, series);
    }

    /// <summary>A row of bars for each name, each of parts that follow one another.</summary>
    public static void Bars(HtmlText html, IReadOnlyList<string> names, IReadOnlyList<ChartSeries> parts,
        Func<double, string> unit)
    {
        double top = Math.Max(1e-9, Enumerable.Range(0, names.Count).Max(i => parts.Sum(p => p.Values[i])));
        Begin(html, Width, (names.Count * RowHeight) + 6);
        for (int row = 0; row < names.Count; row++)
        {
            int y = row * RowHeight;
            Label(html, NameWidth - 8, y + 14, "end", SafeText.Clean(names[row], 26));
            double x = NameWidth;
            for (int p = 0; p < parts.Count; p++)
            {
                double width = parts[p].Values[row] / top * (Width - NameWidth - 110);
                html.Raw($"<rect class=\"s{parts[p].Colour}\" x=\"{Number(x)}\" y=\"{y + 3}\" "
                    + $"width=\"{Number(width)}\" height=\"{RowHeight - 6}\"><title>");
                html.Text($"{parts[p].Name}: {unit(parts[p].Values[row])}").Raw("</title></rect>");
                x += width;
            }

            Label(html, x + 6, y + 14, "start", unit(parts.Sum(p => p.Values[row])));
            html.Raw("\n");
        }

        html.Raw("</svg>\n");
        if (parts.Count > 1)
            Legend(html, parts);
    }

    private static void Begin(HtmlText html, int width, int height) =>
        html.Raw($"<svg viewBox=\"0 0 {width} {height}\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\">\n");

    private static void Scale(HtmlText html, double top, Func<double, double> y, Func<double, string> unit)
    {
        for (int step = 0; step <= 4; step++)
        {
            double value = top * step / 4;
            html.Raw($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - 10}\" y1=\"{Number(y(value))}\" "
                + $"y2=\"{Number(y(value))}\"/>");
            Label(html, Left - 6, y(value) + 4, "end", unit(value));
        }

        html.Raw("\n");
    }

    private static void Label(HtmlText html, double x, double y, string anchor, string text) =>
        html.Raw($"<text x=\"{Number(x)}\" y=\"{Number(y)}\" text-anchor=\"{anchor}\">").Text(text).Raw("</text>");

    private static void Legend(HtmlText html, IReadOnlyList<ChartSeries> series)
    {
        html.Raw("<p class=\"legend\">");
        for (int s = 0; s < series.Count; s++)
            html.Raw($"<span><i class=\"b{series[s].Colour}\"></i>").Text(series[s].Name).Raw("</span> ");
        html.Raw("</p>\n");
    }

    private static string Point(double x, double y) => Number(x) + " " + Number(y);

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
