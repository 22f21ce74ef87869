using System.Text.Json;
using LinuxMem.Workloads.Scenarios;

namespace LinuxMem.Workloads.Tests.Scenarios;

public sealed class ScenarioSchemaSpec
{
    private static readonly JsonElement Root = JsonDocument.Parse(ScenarioSchema.Text).RootElement;

    [Fact]
    public void The_schema_describes_every_key_and_resolves_every_reference()
    {
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", Root.GetProperty("$schema").GetString());
        int described = 0;
        Walk(Root, element =>
        {
            if (element.TryGetProperty("$ref", out JsonElement reference))
                Resolve(reference.GetString()!);
            described += element.TryGetProperty("description", out _) ? 1 : 0;
        });
        Assert.True(described > 100);
        Assert.Equal(["name", "processes"], Root.GetProperty("required").EnumerateArray().Select(e => e.GetString()!));
    }

    [Theory]
    [InlineData("machine/tlb/l1Data/sets"), InlineData("machine/costs/ipiTargetNs"), InlineData("engine/windowNs")]
    [InlineData("processes/limits/memlock"), InlineData("processes/image/bss"), InlineData("machine/minFreeKbytes")]
    public void A_key_is_found_at_its_place(string path)
    {
        JsonElement at = Root;
        foreach (string key in path.Split('/'))
        {
            at = Follow(at);
            if (at.TryGetProperty("items", out JsonElement items))
                at = Follow(items);
            at = at.GetProperty("properties").GetProperty(key);
        }
    }

    [Theory]
    [MemberData(nameof(ConfigFilesSpec.Names), MemberType = typeof(ConfigFilesSpec))]
    public void The_built_in_scenarios_conform_to_the_schema(string name)
    {
        var options = new JsonDocumentOptions
        {
            CommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
        };
        JsonElement document = JsonDocument.Parse(BuiltIn.Open(name), options).RootElement;
        Assert.Equal("", Mistake(Root, document, "$"));
    }

    /// <summary>What is wrong with a value by those keywords that the schema uses; empty for nothing.</summary>
    private static string Mistake(JsonElement schema, JsonElement value, string path)
    {
        schema = Follow(schema);
        if (schema.TryGetProperty("oneOf", out JsonElement choices))
        {
            int fitting = choices.EnumerateArray().Count(c => Mistake(c, value, path).Length == 0);
            return fitting == 1 ? "" : $"{path}: {fitting} choices fit";
        }

        if (schema.TryGetProperty("enum", out JsonElement words))
            return words.EnumerateArray().Any(w => JsonElement.DeepEquals(w, value)) ? "" : $"{path}: no choice";
        if (schema.TryGetProperty("type", out JsonElement type) && !HasType(type, value))
            return $"{path}: not of type {type}";
        if (schema.TryGetProperty("pattern", out JsonElement pattern) && value.ValueKind == JsonValueKind.String
            && !System.Text.RegularExpressions.Regex.IsMatch(value.GetString()!, pattern.GetString()!))
        {
            return $"{path}: does not match";
        }

        if (schema.TryGetProperty("items", out JsonElement item))
            return value.EnumerateArray().Select((v, i) => Mistake(item, v,
                $"{path}[{i}]")).FirstOrDefault(m => m.Length > 0, "");
        if (!schema.TryGetProperty("properties", out JsonElement properties))
            return "";
        if (schema.TryGetProperty("required", out JsonElement required)
            && required.EnumerateArray().Any(r => !value.TryGetProperty(r.GetString()!, out _)))
        {
            return $"{path}: a required key is missing";
        }

        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (!properties.TryGetProperty(member.Name, out JsonElement inner))
                return $"{path}: unknown {member.Name}";
            if (Mistake(inner, member.Value, path + "." + member.Name) is { Length: > 0 } mistake)
                return mistake;
        }

        return "";
    }

    private static bool HasType(JsonElement type, JsonElement value) => type.ValueKind == JsonValueKind.Array
        ? type.EnumerateArray().Any(t => HasType(t, value))
        : type.GetString() switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "integer" => value.ValueKind == JsonValueKind.Number
                && (value.TryGetUInt64(out _) || value.TryGetInt64(out _)),
            _ => value.ValueKind == JsonValueKind.Number,
        };

    private static JsonElement Follow(JsonElement schema) =>
        schema.TryGetProperty("$ref", out JsonElement reference) ? Resolve(reference.GetString()!) : schema;

    private static JsonElement Resolve(string reference) =>
        Root.GetProperty("$defs").GetProperty(reference["#/$defs/".Length..]);

    private static void Walk(JsonElement element, Action<JsonElement> visit)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
                Walk(item, visit);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            visit(element);
            foreach (JsonProperty member in element.EnumerateObject())
                Walk(member.Value, visit);
        }
    }
}
