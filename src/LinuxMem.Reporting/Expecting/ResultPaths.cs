using System.Text.Json;
using LinuxMem.Reporting.Json;

namespace LinuxMem.Reporting.Expecting;

/// <summary>The values that a result can have, by path: what the schema of results says of them.</summary>
internal sealed class ResultPaths
{
    /// <summary>The first word of a path to the processes of a name.</summary>
    public const string Process = "process";

    /// <summary>The last word of a path to the length of an array.</summary>
    public const string Count = "count";

    private readonly JsonElement root;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<string>> counters;

    /// <summary>Paths of a schema.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="counters">
    /// By key of an object whose keys the schema leaves open, the keys that it has; where there are none, any may be.
    /// </param>
    public ResultPaths(JsonElement schema, IReadOnlyDictionary<string, IReadOnlyList<string>> counters)
    {
        root = schema;
        this.counters = counters;
    }

    /// <summary>The paths of what `run --json` prints.</summary>
    public static ResultPaths OfRuns(IReadOnlyDictionary<string, IReadOnlyList<string>> counters)
    {
        using var schema = JsonDocument.Parse(RunResultJson.SchemaText);
        return new ResultPaths(schema.RootElement.Clone(), counters);
    }

    /// <summary>
    /// What is wrong with a path, and what was expected; null if a result may have such a value, of this kind.
    /// </summary>
    public string? Problem(string path, bool wantsNumber)
    {
        string[] words = path.Split('.');
        JsonElement at = root;
        int first = 0;
        if (words[0] == Process)
        {
            if (words.Length < 3)
                return $"\"{path}\" names no value of a process; expected process.NAME.KEY";
            at = root.GetProperty("properties").GetProperty("processes").GetProperty("items");
            first = words.Length - 1;
        }

        for (int i = first; i < words.Length; i++)
        {
            if (Step(ref at, words, i) is { } problem)
                return problem;
        }

        return KindProblem(at, path, wantsNumber);
    }

    private string? Step(ref JsonElement at, string[] words, int i)
    {
        string word = words[i];
        if (at.TryGetProperty("properties", out JsonElement properties))
        {
            if (!properties.TryGetProperty(word, out at))
            {
                IEnumerable<string> known = properties.EnumerateObject().Select(p => p.Name);
                return Unknown(words, i, i == 0 ? known.Where(IsInEvery).Prepend(Process) : known);
            }

            return i > 0 || IsInEvery(word) ? null
                : $"\"{word}\" is not in the result of every run; expected a value that is";
        }

        if (at.TryGetProperty("items", out JsonElement items))
        {
            if (word == Count && i == words.Length - 1)
            {
                at = default;
                return null;
            }

            at = items;
            return word.Length <= 9 && word.All(char.IsAsciiDigit) ? null
                : $"\"{word}\" of \"{string.Join('.', words)}\" is no item of a list; expected its number from 0, "
                    + $"or \"{Count}\"";
        }

        if (!at.TryGetProperty("additionalProperties", out JsonElement more) || more.ValueKind != JsonValueKind.Object)
            return $"\"{string.Join('.', words[..i])}\" is a value and has no \"{word}\" in it";
        at = more;
        return i > 0 && counters.TryGetValue(words[i - 1], out IReadOnlyList<string>? names) && !names.Contains(word)
            ? Unknown(words, i, names) : null;
    }

    // Others are of replays, or of real time.
    private bool IsInEvery(string word) =>
        root.GetProperty("required").EnumerateArray().Any(name => name.GetString() == word);

    private static string Unknown(string[] words, int i, IEnumerable<string> known)
    {
        string word = words[i];
        string[] names = [.. known];
        string? near = names.Where(name => name.Contains(word, StringComparison.OrdinalIgnoreCase)
            || word.Contains(name, StringComparison.OrdinalIgnoreCase)).FirstOrDefault();
        string where = i == 0 ? "a result" : words[0] == Process ? "a process" : $"\"{string.Join('.', words[..i])}\"";
        string hint = near is not null ? $"did you mean \"{near}\"?"
            : names.Length <= 40 ? "expected one of " + string.Join(", ", names)
            : "expected a name that 'linuxmem run --json' prints there";
        return $"{where} has no \"{word}\"; {hint}";
    }

    private static string? KindProblem(JsonElement at, string path, bool wantsNumber)
    {
        if (at.ValueKind == JsonValueKind.Undefined)
            return wantsNumber ? null : $"\"{path}\" is a number; expected a number or bounds, not a text";
        if (at.TryGetProperty("enum", out _))
            return wantsNumber ? $"\"{path}\" is a text; expected a text" : null;
        if (!at.TryGetProperty("type", out JsonElement type))
            return null;
        string[] kinds = type.ValueKind == JsonValueKind.Array
            ? [.. type.EnumerateArray().Select(kind => kind.GetString()!)] : [type.GetString()!];
        if (kinds.Contains("object") || kinds.Contains("array"))
            return $"\"{path}\" is no single value; expected a path that goes on to one";
        bool isNumber = kinds.Contains("integer") || kinds.Contains("number");
        return isNumber == wantsNumber ? null
            : $"\"{path}\" is a {(isNumber ? "number; expected a number or bounds" : "text; expected a text")}";
    }
}
