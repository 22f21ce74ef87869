using System.Globalization;
using System.Text.Json;
using LinuxMem.Workloads.Scenarios.Json;

namespace LinuxMem.Workloads.Scenarios.Shapes;

/// <summary>A size in bytes: "64MiB", or a whole number of bytes.</summary>
/// <param name="min">Least size in bytes.</param>
/// <param name="max">Greatest size in bytes.</param>
/// <param name="multiple">The size must be a multiple of this.</param>
/// <param name="hasUnlimited">Whether "unlimited" is allowed, which becomes the greatest number there is.</param>
internal sealed class SizeShape(ulong min, ulong max, ulong multiple = 1, bool hasUnlimited = false) : Shape<ulong>
{
    private const string Unlimited = "unlimited";

    private string Expected =>
        $"a size from {Format(min)} to {Format(max)} such as \"64KiB\""
        + (multiple > 1 ? $", a multiple of {Format(multiple)}" : "")
        + (hasUnlimited ? ", or \"unlimited\"" : "");

    /// <summary>A size in the greatest unit that divides it.</summary>
    public static string Format(ulong bytes)
    {
        for (int i = Grammar.SizeUnits.Count - 1; i >= 0; i--)
        {
            (string name, ulong factor) = Grammar.SizeUnits[i];
            if (bytes >= factor && bytes % factor == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{bytes / factor}{name}");
        }

        return "0B";
    }

    public override bool TryRead(Node node, ReadContext context, out ulong value)
    {
        value = 0;
        if (hasUnlimited && node.Kind == NodeKind.String && node.Text == Unlimited)
        {
            value = ulong.MaxValue;
            return true;
        }

        UInt128 wide;
        if (node.Kind == NodeKind.String)
        {
            if (Grammar.Measure(node.Text, Grammar.SizeUnits, out string reason) is not { } measured)
            {
                context.Errors.Add(node.Position,
                    $"{node.Label} {reason}: {Quoting.Quote(node.Text)}; expected {Expected}");
                return false;
            }

            wide = measured;
        }
        else if (node.Kind != NodeKind.Number || !Grammar.TryWhole(node.Text, out wide))
        {
            return context.Errors.Expected(node, Expected);
        }

        if (wide < min || wide > max || wide % multiple != 0)
            return context.Errors.Expected(node, Expected);
        value = (ulong)wide;
        return true;
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions)
    {
        writer.WriteStartArray("type");
        writer.WriteStringValue("string");
        writer.WriteStringValue("integer");
        writer.WriteEndArray();
        string units = string.Join('|', Grammar.SizeUnits.Select(u => u.Name));
        string unlimited = hasUnlimited ? "|unlimited" : "";
        writer.WriteString("pattern", $"^((0|[1-9][0-9]*)(\\.[0-9]+)?({units}){unlimited})$");
        writer.WriteNumber("minimum", min);
        writer.WriteNumber("maximum", max);
    }

    public override bool TryWriteDefault(Utf8JsonWriter writer, ulong value)
    {
        writer.WriteString("default", hasUnlimited && value == ulong.MaxValue ? Unlimited : Format(value));
        return true;
    }
}

/// <summary>A span of virtual time: "1.5ms". Kept in nanoseconds.</summary>
/// <param name="minNs">Least time.</param>
/// <param name="maxNs">Greatest time.</param>
internal sealed class TimeShape(ulong minNs, ulong maxNs) : Shape<ulong>
{
    /// <summary>The longest time that a scenario can name: 11.5 days, far from where 64 bits end.</summary>
    public const ulong LongestNs = 1_000_000_000_000_000;

    private string Expected => $"a time from {Format(minNs)} to {Format(maxNs)} such as \"20us\"";

    /// <summary>A time in the greatest unit, up to seconds, that divides it.</summary>
    public static string Format(ulong ns)
    {
        for (int i = Grammar.TimeUnits.Count - 2; i >= 0; i--)
        {
            (string name, ulong factor) = Grammar.TimeUnits[i];
            if (ns >= factor && ns % factor == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{ns / factor}{name}");
        }

        return "0ns";
    }

    public override bool TryRead(Node node, ReadContext context, out ulong value)
    {
        value = 0;
        if (node.Kind != NodeKind.String)
            return context.Errors.Expected(node, Expected);
        if (Grammar.Measure(node.Text, Grammar.TimeUnits, out string reason) is not { } wide)
        {
            context.Errors.Add(node.Position,
                $"{node.Label} {reason}: {Quoting.Quote(node.Text)}; expected {Expected}");
            return false;
        }

        if (wide < minNs || wide > maxNs)
            return context.Errors.Expected(node, Expected);
        value = (ulong)wide;
        return true;
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions)
    {
        writer.WriteString("type", "string");
        string units = string.Join('|', Grammar.TimeUnits.Select(u => u.Name));
        writer.WriteString("pattern", $"^(0|[1-9][0-9]*)(\\.[0-9]+)?({units})$");
    }

    public override bool TryWriteDefault(Utf8JsonWriter writer, ulong value)
    {
        writer.WriteString("default", Format(value));
        return true;
    }
}
