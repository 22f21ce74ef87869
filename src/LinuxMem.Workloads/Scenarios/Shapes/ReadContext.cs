using LinuxMem.Workloads.Patterns;
using LinuxMem.Workloads.Scenarios.Json;

namespace LinuxMem.Workloads.Scenarios.Shapes;

/// <summary>What one reading of a scenario collects beside the values.</summary>
/// <param name="errors">Where mistakes go.</param>
internal sealed class ReadContext(Errors errors)
{
    private readonly Dictionary<object, Position> positions = new(ReferenceEqualityComparer.Instance);
    private readonly List<ZipfTable> zipfTables = [];

    /// <summary>The mistakes found.</summary>
    public Errors Errors => errors;

    /// <summary>Remembers where a value that was read stands, for checks that come later.</summary>
    public void Locate(object value, Position position) => positions[value] = position;

    /// <summary>Where a value stands.</summary>
    public Position PositionOf(object value) => positions[value];

    /// <summary>The table of Zipf weights for an exponent: one for all steps of the scenario.</summary>
    public ZipfTable ZipfTable(int exponentThousandths)
    {
        ZipfTable? table = zipfTables.Find(t => t.ExponentThousandths == exponentThousandths);
        if (table is null)
        {
            table = new ZipfTable(exponentThousandths);
            zipfTables.Add(table);
        }

        return table;
    }
}
