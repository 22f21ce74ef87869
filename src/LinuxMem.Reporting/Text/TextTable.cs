namespace LinuxMem.Reporting.Text;

/// <summary>A column of a table: its heading, and the side at which its cells stand.</summary>
internal readonly record struct TextColumn(string Heading, bool Right)
{
    /// <summary>A column of numbers, at the right.</summary>
    public static TextColumn Number(string heading) => new(heading, Right: true);

    /// <summary>A column of words, at the left.</summary>
    public static TextColumn Words(string heading) => new(heading, Right: false);
}

/// <summary>
/// A table in plain characters: every column as wide as its widest cell, two spaces between, no space at a line's end.
/// </summary>
/// <remarks>
/// Not Spectre's table: that one wraps or cuts cells at the width of the console it believes to have, which damages
/// what is piped.
/// </remarks>
internal sealed class TextTable(params TextColumn[] columns)
{
    private readonly List<string[]> rows = [];

    /// <summary>Adds a row. Precondition: as many cells as columns; their text is already safe.</summary>
    public void Add(params string[] cells)
    {
        if (cells.Length != columns.Length)
            throw new ArgumentException("a row needs a cell for every column", nameof(cells));
        rows.Add(cells);
    }

    /// <summary>Writes the headings and the rows.</summary>
    public void Write(TextWriter output)
    {
        var widths = new int[columns.Length];
        for (int c = 0; c < columns.Length; c++)
        {
            widths[c] = columns[c].Heading.Length;
            foreach (string[] row in rows)
                widths[c] = Math.Max(widths[c], row[c].Length);
        }

        WriteRow(output, widths, c => columns[c].Heading);
        foreach (string[] row in rows)
            WriteRow(output, widths, c => row[c]);
    }

    private void WriteRow(TextWriter output, int[] widths, Func<int, string> cell)
    {
        int owed = 0;
        for (int c = 0; c < columns.Length; c++)
        {
            string text = cell(c);
            int padding = widths[c] - text.Length;
            owed += (c == 0 ? 0 : 2) + (columns[c].Right ? padding : 0);
            if (text.Length > 0)
            {
                for (; owed > 0; owed--)
                    output.Write(' ');
                output.Write(text);
            }

            owed += columns[c].Right ? 0 : padding;
        }

        output.WriteLine();
    }
}
