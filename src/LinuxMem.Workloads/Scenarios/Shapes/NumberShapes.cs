using System.Globalization;
using System.Text.Json;
using LinuxMem.Workloads.Scenarios.Json;

namespace LinuxMem.Workloads.Scenarios.Shapes;

/// <summary>A whole number within bounds.</summary>
/// <param name="min">Least value.</param>
/// <param name="max">Greatest value.</param>
/// <param name="isPowerOfTwo">Whether only powers of two are allowed (and 0, if the bounds allow it).</param>
internal sealed class CountShape(ulong min, ulong max, bool isPowerOfTwo = false) : Shape<ulong>
{
    private string Expected =>
        string.Create(CultureInfo.InvariantCulture,
            $"a {(isPowerOfTwo ? "power of two" : "whole number")} from {min} to {max}");

    public override bool TryRead(Node node, ReadContext context, out ulong value)
    {
        value = 0;
        if (node.Kind != NodeKind.Number || !Grammar.TryWhole(node.Text, out UInt128 wide))
            return context.Errors.Expected(node, Expected);
        if (wide < min || wide > max || (isPowerOfTwo && wide != 0 && !UInt128.IsPow2(wide)))
            return context.Errors.Expected(node, Expected);
        value = (ulong)wide;
        return true;
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions)
    {
        writer.WriteString("type", "integer");
        writer.WriteNumber("minimum", min);
        writer.WriteNumber("maximum", max);
    }

    public override bool TryWriteDefault(Utf8JsonWriter writer, ulong value)
    {
        writer.WriteNumber("default", value);
        return true;
    }
}

/// <summary>A whole number that may be negative.</summary>
/// <param name="min">Least value.</param>
/// <param name="max">Greatest value.</param>
internal sealed class SignedShape(int min, int max) : Shape<int>
{
    public override bool TryRead(Node node, ReadContext context, out int value)
    {
        value = 0;
        string expected = string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}");
        bool isNumber = node.Kind == NodeKind.Number && int.TryParse(node.Text, NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture, out value);
        return (isNumber && value >= min && value <= max) || context.Errors.Expected(node, expected);
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions)
    {
        writer.WriteString("type", "integer");
        writer.WriteNumber("minimum", min);
        writer.WriteNumber("maximum", max);
    }

    public override bool TryWriteDefault(Utf8JsonWriter writer, int value)
    {
        writer.WriteNumber("default", value);
        return true;
    }
}

/// <summary>A number with at most three decimals, kept in thousandths.</summary>
/// <param name="maxThousandths">Greatest value; the least is 0.</param>
internal sealed class DecimalShape(int maxThousandths) : Shape<int>
{
    public override bool TryRead(Node node, ReadContext context, out int value)
    {
        value = 0;
        string expected = string.Create(
            CultureInfo.InvariantCulture, $"a number from 0 to {maxThousandths / 1000m} with at most three decimals");
        if (node.Kind != NodeKind.Number)
            return context.Errors.Expected(node, expected);
        string[] parts = node.Text.Split('.');
        string fraction = parts.Length == 2 ? parts[1] : "";
        if (parts.Length > 2 || fraction.Length > 3 || !Grammar.TryWhole(parts[0], out UInt128 whole)
            || !fraction.All(char.IsAsciiDigit) || whole > (UInt128)maxThousandths)
        {
            return context.Errors.Expected(node, expected);
        }

        int thousandths = fraction.Length == 0 ? 0 : int.Parse(fraction.PadRight(3, '0'), CultureInfo.InvariantCulture);
        value = (int)Math.Min((ulong)whole * 1000 + (ulong)thousandths, int.MaxValue);
        return value <= maxThousandths || context.Errors.Expected(node, expected);
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions)
    {
        writer.WriteString("type", "number");
        writer.WriteNumber("minimum", 0);
        writer.WriteNumber("maximum", maxThousandths / 1000m);
    }

    public override bool TryWriteDefault(Utf8JsonWriter writer, int value)
    {
        writer.WriteNumber("default", value / 1000m);
        return true;
    }
}

/// <summary>true or false.</summary>
internal sealed class FlagShape : Shape<bool>
{
    public override bool TryRead(Node node, ReadContext context, out bool value)
    {
        value = node.Kind == NodeKind.True;
        return node.Kind is NodeKind.True or NodeKind.False || context.Errors.Expected(node, "true or false");
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions) =>
        writer.WriteString("type", "boolean");

    public override bool TryWriteDefault(Utf8JsonWriter writer, bool value)
    {
        writer.WriteBoolean("default", value);
        return true;
    }
}

/// <summary>A virtual address: "0x7f0000000000", or a whole number.</summary>
internal sealed class AddressShape : Shape<ulong>
{
    private const string Expected = "an address such as \"0x7f0000000000\"";

    public override bool TryRead(Node node, ReadContext context, out ulong value)
    {
        value = 0;
        if (node.Kind == NodeKind.Number && Grammar.TryWhole(node.Text, out UInt128 wide) && wide <= ulong.MaxValue)
        {
            value = (ulong)wide;
            return true;
        }

        bool isHex = node.Kind == NodeKind.String && node.Text.Length is > 2 and <= 18
            && node.Text.StartsWith("0x", StringComparison.Ordinal)
            && ulong.TryParse(
                node.Text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        return isHex || context.Errors.Expected(node, Expected);
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions)
    {
        writer.WriteStartArray("type");
        writer.WriteStringValue("string");
        writer.WriteStringValue("integer");
        writer.WriteEndArray();
        writer.WriteString("pattern", "^0x[0-9a-fA-F]{1,16}$");
        writer.WriteNumber("minimum", 0);
    }
}
