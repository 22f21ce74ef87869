using LinuxMem.Reporting.Text;

namespace LinuxMem.Reporting.Tests;

public sealed class TextTableSpec
{
    [Fact]
    public void Columns_are_as_wide_as_their_widest_cell_and_lines_end_without_spaces()
    {
        var table = new TextTable(TextColumn.Number("N"), TextColumn.Words("NAME"), TextColumn.Number("SIZE"),
            TextColumn.Words("END"));
        table.Add("1", "a", "12345", "x");
        table.Add("200", "longer", "1", "");
        var text = new StringWriter { NewLine = "\n" };
        table.Write(text);
        Assert.Equal("  N  NAME     SIZE  END\n  1  a       12345  x\n200  longer      1\n", text.ToString());
    }

    [Fact]
    public void A_row_must_have_a_cell_for_every_column() =>
        Assert.Throws<ArgumentException>(() => new TextTable(TextColumn.Words("A")).Add("1", "2"));
}
