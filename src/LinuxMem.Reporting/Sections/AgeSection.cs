using System.Globalization;
using LinuxMem.Reporting.Text;

namespace LinuxMem.Reporting.Sections;

/// <summary>How old the pages are that may leave, where the kernel keeps their ages.</summary>
internal static class AgeSection
{
    /// <summary>Writes the section and a blank line; nothing without pages that have ages.</summary>
    public static void Write(TextWriter output, IReadOnlyList<long> pagesByAge)
    {
        if (pagesByAge.All(pages => pages == 0))
            return;
        output.WriteLine("Pages by age in mem_map, when memory was last reclaimed (0 leaves next; a use adds 3)");
        var table = new TextTable(TextColumn.Number("age"), TextColumn.Number("pages"));
        for (int age = 0; age < pagesByAge.Count; age++)
        {
            if (pagesByAge[age] > 0)
                table.Add(age.ToString(CultureInfo.InvariantCulture),
                    pagesByAge[age].ToString(CultureInfo.InvariantCulture));
        }

        table.Write(output);
        output.WriteLine();
    }
}
