using System.Globalization;
using System.Text.Json;
using LinuxMem.Workloads.Programs.Steps;
using LinuxMem.Workloads.Scenarios.Json;

namespace LinuxMem.Workloads.Scenarios.Shapes;

/// <summary>
/// An argument of a system call: a whole number, "-1", "0x7000", "16KiB", "file:NAME", or a region with what is added
/// to or taken from its start: "heap", "m1+8KiB", "m1-0x10".
/// </summary>
internal sealed class ArgumentShape : Shape<CallArgument>
{
    private const string Expected = "a whole number, \"-1\", \"0x7000\", \"16KiB\", \"file:NAME\", or a region with or "
        + "without a distance such as \"m1+8KiB\"";

    private const string File = "file:";

    public override bool TryRead(Node node, ReadContext context, out CallArgument value)
    {
        value = default;
        if (node.Kind == NodeKind.Number && Grammar.TryWhole(node.Text, out UInt128 wide) && wide <= ulong.MaxValue)
        {
            value = new CallArgument(ArgumentKind.Number, "", (ulong)wide);
            return true;
        }

        return (node.Kind == NodeKind.String && TryText(node.Text, out value))
            || context.Errors.Expected(node, Expected);
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions)
    {
        writer.WriteStartArray("type");
        writer.WriteStringValue("string");
        writer.WriteStringValue("integer");
        writer.WriteEndArray();
        writer.WriteNumber("minimum", 0);
        writer.WriteString("pattern", "^(-[1-9][0-9]*|0x[0-9a-fA-F]{1,16}"
            + "|(0|[1-9][0-9]*)(\\.[0-9]+)?(B|KiB|MiB|GiB|TiB)"
            + "|file:[A-Za-z0-9_][A-Za-z0-9_.-]*|[A-Za-z_][A-Za-z0-9_.-]*([+-].+)?)$");
    }

    private static bool TryText(string text, out CallArgument value)
    {
        value = default;
        if (TryNumber(text, out ulong number))
        {
            value = new CallArgument(ArgumentKind.Number, "", number);
            return true;
        }

        if (text.StartsWith('-') && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out long negative))
        {
            value = new CallArgument(ArgumentKind.Number, "", (ulong)negative);
            return true;
        }

        if (text.StartsWith(File, StringComparison.Ordinal))
        {
            value = new CallArgument(ArgumentKind.File, text[File.Length..], 0);
            return IsName(value.Name);
        }

        // Names may have a '-' in them: what follows the last one is a distance only if it is a number.
        int sign = text.LastIndexOfAny(['+', '-']);
        ulong distance = 0;
        bool isFar = sign > 0 && TryNumber(text[(sign + 1)..], out distance);
        string name = isFar ? text[..sign] : text;
        value = new CallArgument(ArgumentKind.Region, name,
            isFar && text[sign] == '-' ? unchecked(0 - distance) : distance);
        return IsName(name);
    }

    private static bool IsName(string text) => text.Length is >= 1 and <= Keys.MemoryStepKeys.RegionCharsMax
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && text[0] is not ('-' or '.');

    private static bool TryNumber(string text, out ulong number)
    {
        number = 0;
        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            return text.Length is > 2 and <= 18 && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture, out number);
        }

        UInt128? size = Grammar.TryWhole(text, out UInt128 whole) ? whole
            : Grammar.Measure(text, Grammar.SizeUnits, out _);
        number = size is { } sound && sound <= ulong.MaxValue ? (ulong)sound : 0;
        return size is not null && size <= ulong.MaxValue;
    }
}
