using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LinuxMem.Testing.Shrinking;

/// <summary>A scenario's text as a tree that can be cut: what a shrinker works on. It never changes itself.</summary>
public sealed class ScenarioDocument
{
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly JsonNode root;

    private ScenarioDocument(JsonNode root) => this.root = root;

    /// <summary>The text, as UTF-8, indented.</summary>
    public byte[] Utf8 => Encoding.UTF8.GetBytes(root.ToJsonString(Format) + "\n");

    /// <summary>Reads a text that is a sound scenario.</summary>
    public static ScenarioDocument Parse(ReadOnlySpan<byte> utf8)
    {
        var options = new JsonDocumentOptions
        {
            AllowTrailingCommas = true,
            CommentHandling = JsonCommentHandling.Skip,
        };
        if (utf8.StartsWith("\uFEFF"u8))
            utf8 = utf8[3..];
        return new ScenarioDocument(JsonNode.Parse(utf8, documentOptions: options)!);
    }

    /// <summary>The same with a value at a path of keys; what is missing on the way is made.</summary>
    public ScenarioDocument With(string path, string value)
    {
        JsonNode copy = root.DeepClone();
        string[] keys = path.Split('.');
        JsonNode at = copy;
        foreach (string key in keys[..^1])
        {
            if (at is JsonObject parent && parent[key] is null)
                parent[key] = new JsonObject();
            at = Child(at, key);
        }

        JsonNode node = ValueOf(value);
        if (at is JsonArray array)
            array[Index(keys[^1])] = node;
        else
            at[keys[^1]] = node;
        return new ScenarioDocument(copy);
    }

    /// <summary>Every array, by path, its length beside it; outer ones first.</summary>
    public IReadOnlyList<(string Path, int Count)> Arrays()
    {
        var found = new List<(string, int)>();
        Walk(root, "", (path, node) =>
        {
            if (node is JsonArray array)
                found.Add((path, array.Count));
        });
        return found;
    }

    /// <summary>Every member of an object, by path; outer ones first.</summary>
    public IReadOnlyList<string> Members()
    {
        var found = new List<string>();
        Walk(root, "", (path, node) =>
        {
            if (node is JsonObject members)
                found.AddRange(members.Select(member => Join(path, member.Key)));
        });
        return found;
    }

    /// <summary>Every number and every size or time, by path, with smaller ones to try, the smallest first.</summary>
    public IReadOnlyList<(string Path, string[] Smaller)> Quantities()
    {
        var found = new List<(string, string[])>();
        Walk(root, "", (path, node) =>
        {
            if (node is JsonValue value && SmallerThan(value) is { Length: > 0 } smaller)
                found.Add((path, smaller));
        });
        return found;
    }

    /// <summary>The same without some items of an array; null if it has changed and they are not there.</summary>
    public ScenarioDocument? WithoutItems(string path, int first, int count)
    {
        JsonNode copy = root.DeepClone();
        if (Find(copy, path) is not JsonArray array || first + count > array.Count)
            return null;
        for (int i = 0; i < count; i++)
            array.RemoveAt(first);
        return new ScenarioDocument(copy);
    }

    /// <summary>The same without a member; null if it is not there any more.</summary>
    public ScenarioDocument? WithoutMember(string path)
    {
        JsonNode copy = root.DeepClone();
        int cut = path.LastIndexOf('/');
        return Find(copy, path[..Math.Max(cut, 0)]) is JsonObject members && members.Remove(path[(cut + 1)..])
            ? new ScenarioDocument(copy) : null;
    }

    /// <summary>The same with another value of a quantity; null if it is not there any more.</summary>
    public ScenarioDocument? WithQuantity(string path, string value)
    {
        JsonNode copy = root.DeepClone();
        if (Find(copy, path) is not JsonValue old)
            return null;
        old.ReplaceWith(old.GetValueKind() == JsonValueKind.Number ? JsonNode.Parse(value) : JsonValue.Create(value));
        return new ScenarioDocument(copy);
    }

    private static string[] SmallerThan(JsonValue value)
    {
        if (value.GetValueKind() == JsonValueKind.Number)
        {
            return long.TryParse(value.ToJsonString(), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                ? [.. Smaller(number)] : [];
        }

        if (value.GetValueKind() != JsonValueKind.String)
            return [];
        string text = value.GetValue<string>();
        int unit = text.AsSpan().IndexOfAnyExcept("0123456789");
        return unit > 0 && text[unit..] is "KiB" or "MiB" or "us" or "ms" or "ns"
            && long.TryParse(text[..unit], NumberStyles.None, CultureInfo.InvariantCulture, out long amount)
            ? [.. Smaller(amount).Select(smaller => smaller + text[unit..])] : [];
    }

    private static IEnumerable<string> Smaller(long number)
    {
        foreach (long one in new[] { 0, 1, 4, number / 4, number / 2, number - 4, number - 1 }.Distinct())
        {
            if (one >= 0 && one < number)
                yield return one.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static void Walk(JsonNode? node, string path, Action<string, JsonNode> visit)
    {
        if (node is null)
            return;
        visit(path, node);
        if (node is JsonArray array)
        {
            for (int i = 0; i < array.Count; i++)
                Walk(array[i], Join(path, i.ToString(CultureInfo.InvariantCulture)), visit);
        }
        else if (node is JsonObject members)
        {
            foreach (KeyValuePair<string, JsonNode?> member in members)
                Walk(member.Value, Join(path, member.Key), visit);
        }
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}/{key}";

    private static JsonNode? Find(JsonNode from, string path)
    {
        JsonNode? at = from;
        foreach (string key in path.Length == 0 ? [] : path.Split('/'))
        {
            at = at switch
            {
                JsonObject members => members[key],
                JsonArray array when Index(key) < array.Count => array[Index(key)],
                _ => null,
            };
        }

        return at;
    }

    private static JsonNode Child(JsonNode at, string key) => at is JsonArray array ? array[Index(key)]! : at[key]!;

    private static int Index(string key) => int.Parse(key, NumberStyles.None, CultureInfo.InvariantCulture);

    private static JsonNode ValueOf(string text)
    {
        try
        {
            return JsonNode.Parse(text) ?? JsonValue.Create(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
