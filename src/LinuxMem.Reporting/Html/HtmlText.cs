using System.Text.Encodings.Web;
using LinuxMem.Reporting.Json;

namespace LinuxMem.Reporting.Html;

/// <summary>
/// Writes HTML and SVG: what is text passes through one encoder, what is markup is the program's own.
/// </summary>
internal sealed class HtmlText(TextWriter output)
{
    /// <summary>Writes markup as it is. Precondition: nothing in it comes from outside.</summary>
    public HtmlText Raw(string markup)
    {
        output.Write(markup);
        return this;
    }

    /// <summary>Writes text, or the value of a quoted attribute.</summary>
    public HtmlText Text(string text)
    {
        HtmlEncoder.Default.Encode(output, RunResultJson.WellFormed(text));
        return this;
    }

    /// <summary>An element that contains text only.</summary>
    public HtmlText Element(string name, string text) =>
        Raw("<").Raw(name).Raw(">").Text(text).Raw("</").Raw(name[..(name + " ").IndexOf(' ')]).Raw(">");

    /// <summary>A table; the columns from a number on stand at the right.</summary>
    /// <param name="headings">The headings.</param>
    /// <param name="firstNumber">The first column that is a number.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="mostRows">How many are shown.</param>
    public void Table(IReadOnlyList<string> headings, int firstNumber, IEnumerable<IReadOnlyList<string>> rows,
        int mostRows = 200)
    {
        Raw("<div class=\"scroll\"><table><thead><tr>");
        for (int i = 0; i < headings.Count; i++)
            Element(i < firstNumber ? "th" : "th class=\"n\"", headings[i]);
        Raw("</tr></thead><tbody>\n");
        int shown = 0, omitted = 0;
        foreach (IReadOnlyList<string> row in rows)
        {
            if (shown == mostRows)
            {
                omitted++;
                continue;
            }

            shown++;
            Raw("<tr>");
            for (int i = 0; i < row.Count; i++)
                Element(i < firstNumber ? "td" : "td class=\"n\"", row[i]);
            Raw("</tr>\n");
        }

        Raw("</tbody></table></div>\n");
        if (omitted > 0)
            Element("p class=\"note\"", $"{omitted} rows omitted").Raw("\n");
    }
}
