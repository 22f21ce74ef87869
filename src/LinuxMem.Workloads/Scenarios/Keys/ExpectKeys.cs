using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios.Json;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>
/// The expectations of a scenario: each an object with one key, which value of the result it is about.
/// </summary>
internal static class ExpectKeys
{
    private const int ExpectationsMax = 10_000;

    /// <summary>The list.</summary>
    public static Shape<ImmutableArray<Expectation>> Shape() =>
        new ListShape<Expectation>(new ExpectationShape(), ExpectationsMax, "expectations");

    /// <summary>{ "vmstat.oom_kill": 0 }, with the place of the path.</summary>
    private sealed class ExpectationShape : Shape<Expectation>
    {
        private const int PathCharsMax = 200;
        private const string Example = "such as { \"vmstat.oom_kill\": 0 }";

        private static readonly ExpectedValueShape Values = new();

        public override bool TryRead(Node node, ReadContext context, out Expectation value)
        {
            value = null!;
            if (node.Kind != NodeKind.Object)
                return context.Errors.Expected(node, "an expectation, " + Example[8..]);
            if (node.Members.Count != 1)
            {
                string count = node.Members.Count.ToString(CultureInfo.InvariantCulture);
                context.Errors.Add(node.Position, $"an expectation has {count} keys; expected exactly one, {Example}");
                return false;
            }

            Member member = node.Members[0];
            if (member.Name.Length > PathCharsMax || member.Name.Split('.').Contains(""))
            {
                context.Errors.Add(member.Position, $"{Quoting.Quote(member.Name)} names no value of a result; "
                    + "expected keys with single dots between, as in vmstat.oom_kill");
                return false;
            }

            if (!Values.TryRead(member.Value, context, out ExpectedValue expected))
                return false;
            value = new Expectation(member.Name, expected, member.Position.ToString());
            return true;
        }

        public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions)
        {
            writer.WriteString("type", "object");
            writer.WriteNumber("minProperties", 1);
            writer.WriteNumber("maxProperties", 1);
            writer.WriteStartObject("additionalProperties");
            Values.WriteSchema(writer, definitions);
            writer.WriteEndObject();
        }
    }

    /// <summary>A text, a whole number, or { "min": 1, "max": 2 }.</summary>
    private sealed class ExpectedValueShape : Shape<ExpectedValue>
    {
        private const string Expected = "a whole number, a text, or bounds such as { \"min\": 10, \"max\": 200 }";
        private static readonly NumberShape Numbers = new();

        private static readonly Shape<ExpectedValue> Bounds = MakeBounds();

        public override bool TryRead(Node node, ReadContext context, out ExpectedValue value)
        {
            value = null!;
            switch (node.Kind)
            {
                case NodeKind.String:
                    value = ExpectedValue.Words(node.Text);
                    return node.Text.Length > 0 || context.Errors.Expected(node, Expected);
                case NodeKind.Object:
                    return Bounds.TryRead(node, context, out value);
                case NodeKind.Number when Numbers.TryRead(node, context, out decimal number):
                    value = ExpectedValue.Exactly(number);
                    return true;
                case NodeKind.Number:
                    return false;
                default:
                    return context.Errors.Expected(node, Expected);
            }
        }

        public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions)
        {
            writer.WriteStartArray("oneOf");
            writer.WriteStartObject();
            Numbers.WriteSchema(writer, definitions);
            writer.WriteEndObject();
            writer.WriteStartObject();
            writer.WriteString("type", "string");
            writer.WriteNumber("minLength", 1);
            writer.WriteEndObject();
            writer.WriteStartObject();
            Bounds.WriteSchema(writer, definitions);
            writer.WriteEndObject();
            writer.WriteEndArray();
        }

        private static ObjectShape<ExpectedValue> MakeBounds()
        {
            var min = Key.Optional<decimal?>("min", new MaybeShape<decimal>(Numbers), null, "The least that is right.");
            var max = Key.Optional<decimal?>("max", new MaybeShape<decimal>(Numbers), null, "The most that is right.");
            return new ObjectShape<ExpectedValue>("the bounds of an expectation", [min, max], v =>
            {
                if (!v.Has(min) && !v.Has(max))
                {
                    v.Fail("the bounds of an expectation have neither \"min\" nor \"max\"; "
                        + "expected one of them or both");
                }

                if (v.Get(min) > v.Get(max))
                    v.Fail(max, FormattableString.Invariant(
                        $"\"max\" is {v.Get(max)}, below \"min\", which is {v.Get(min)}; nothing can be so"));
                return ExpectedValue.Between(v.Get(min), v.Get(max));
            });
        }
    }

    /// <summary>A whole number, perhaps negative, of at most 20 digits.</summary>
    private sealed class NumberShape : Shape<decimal>
    {
        public override bool TryRead(Node node, ReadContext context, out decimal value)
        {
            value = 0;
            ReadOnlySpan<char> digits = node.Text.AsSpan().TrimStart('-');
            bool isNumber = node.Kind == NodeKind.Number && Grammar.TryWhole(digits, out _)
                && decimal.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
                && Math.Abs(value) <= ulong.MaxValue;
            return isNumber
                || context.Errors.Expected(node, $"a whole number from -{ulong.MaxValue} to {ulong.MaxValue}");
        }

        public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions) =>
            writer.WriteString("type", "integer");
    }
}
