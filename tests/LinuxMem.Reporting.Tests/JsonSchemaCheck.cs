using System.Text.Json;
using System.Text.RegularExpressions;

namespace LinuxMem.Reporting.Tests;

/// <summary>
/// A validator for the part of JSON Schema that result.schema.json uses; an unknown keyword is an error.
/// </summary>
internal static class JsonSchemaCheck
{
    private static readonly string[] Notes = ["$schema", "title", "description"];

    /// <summary>What is wrong with the value, each with its path; empty if it conforms.</summary>
    public static List<string> Validate(JsonElement schema, JsonElement value, string path = "$")
    {
        var errors = new List<string>();
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            if (!Notes.Contains(keyword.Name))
                Check(keyword, schema, value, path, errors);
        }

        return errors;
    }

    private static void Check(JsonProperty keyword, JsonElement schema, JsonElement value, string path,
        List<string> errors)
    {
        JsonElement rule = keyword.Value;
        switch (keyword.Name)
        {
            case "type":
                if (!Types(rule).Any(type => IsOf(type, value)))
                    errors.Add($"{path}: {value.ValueKind} is not of type {rule}");
                break;
            case "minimum":
                if (value.ValueKind == JsonValueKind.Number && value.GetDouble() < rule.GetDouble())
                    errors.Add($"{path}: {value} is less than {rule}");
                break;
            case "pattern":
                if (!Regex.IsMatch(value.GetString()!, rule.GetString()!))
                    errors.Add($"{path}: {value} does not match {rule}");
                break;
            case "enum":
                if (!rule.EnumerateArray().Any(allowed => allowed.GetString() == value.GetString()))
                    errors.Add($"{path}: {value} is not one of {rule}");
                break;
            case "required":
                errors.AddRange(Missing(rule, value, path));
                break;
            case "dependentRequired":
                foreach (JsonProperty needs in rule.EnumerateObject())
                {
                    if (value.TryGetProperty(needs.Name, out _))
                        errors.AddRange(Missing(needs.Value, value, path));
                }

                break;
            case "items":
                errors.AddRange(value.EnumerateArray().SelectMany((item, i) => Validate(rule, item, $"{path}[{i}]")));
                break;
            case "properties":
                errors.AddRange(rule.EnumerateObject().Where(property => value.TryGetProperty(property.Name, out _))
                    .SelectMany(property => Validate(property.Value, value.GetProperty(property.Name),
                        $"{path}.{property.Name}")));
                break;
            case "additionalProperties":
                CheckOthers(rule, schema, value, path, errors);
                break;
            default:
                errors.Add($"{path}: the validator does not know the keyword {keyword.Name}");
                break;
        }
    }

    private static IEnumerable<string> Missing(JsonElement keys, JsonElement value, string path) =>
        keys.EnumerateArray().Where(key => !value.TryGetProperty(key.GetString()!, out _))
            .Select(key => $"{path}: {key} is missing");

    private static void CheckOthers(JsonElement rule, JsonElement schema, JsonElement value, string path,
        List<string> errors)
    {
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (schema.TryGetProperty("properties", out JsonElement known)
                && known.TryGetProperty(property.Name, out _))
                continue;
            if (rule.ValueKind == JsonValueKind.False)
                errors.Add($"{path}: {property.Name} is not in the schema");
            else
                errors.AddRange(Validate(rule, property.Value, $"{path}.{property.Name}"));
        }
    }

    private static IEnumerable<string> Types(JsonElement rule) => rule.ValueKind == JsonValueKind.Array
        ? rule.EnumerateArray().Select(type => type.GetString()!)
        : [rule.GetString()!];

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && (value.TryGetInt64(out _) || value.TryGetUInt64(out _)),
        _ => throw new ArgumentException(type),
    };
}
