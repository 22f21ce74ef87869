using System.Text.Json;
using LinuxMem.Reporting.Json;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Reporting.Expecting;

/// <summary>Compares a result with what its scenario expects: over everything that --json prints.</summary>
public static class ExpectationJudge
{
    /// <summary>Checks, before a run, that the expectations are about values that a result has.</summary>
    /// <param name="expectations">The expectations.</param>
    /// <param name="counters">By key of the result ("vmstat", "faults"), the names of its counters.</param>
    /// <exception cref="ConfigurationException">Those that are not, each with its place.</exception>
    public static void Check(IReadOnlyList<Expectation> expectations,
        IReadOnlyDictionary<string, IReadOnlyList<string>> counters)
    {
        if (expectations.Count == 0)
            return;
        var paths = ResultPaths.OfRuns(counters);
        var problems = new List<string>();
        foreach (Expectation one in expectations)
        {
            if (paths.Problem(one.Path, one.Value.IsNumber) is { } problem)
                problems.Add($"{one.Where}: error: {problem}");
        }

        if (problems.Count > 0)
            throw new ConfigurationException(problems);
    }

    /// <summary>Judges a result.</summary>
    /// <returns>One outcome for each expectation, in their order.</returns>
    public static IReadOnlyList<ExpectationOutcome> Judge(IReadOnlyList<Expectation> expectations, RunResult result)
    {
        if (expectations.Count == 0)
            return [];
        using var json = new MemoryStream();
        RunResultJson.Write(json, result, wallSeconds: null, replay: null);
        using var document = JsonDocument.Parse(json.GetBuffer().AsMemory(0, (int)json.Length));
        JsonElement root = document.RootElement;
        return [.. expectations.Select(one => new ExpectationOutcome(one, ProblemOf(one, root)))];
    }

    private static string? ProblemOf(Expectation expectation, JsonElement root)
    {
        string[] words = expectation.Path.Split('.');
        if (words[0] != ResultPaths.Process || words.Length < 3)
            return Compare(expectation, Find(root, words), expectation.Path);
        string name = string.Join('.', words[1..^1]);
        bool any = false;
        foreach (JsonElement process in root.GetProperty("processes").EnumerateArray())
        {
            if (process.GetProperty("comm").GetString() != name)
                continue;
            any = true;
            string label = $"{expectation.Path} (pid {process.GetProperty("pid").GetInt32()})";
            if (Compare(expectation, Find(process, [words[^1]]), label) is { } problem)
                return problem;
        }

        return any ? null : $"{expectation.Path}: there was no process of that name; expected {expectation.Value}";
    }

    // Null if there is no such value.
    private static JsonElement? Find(JsonElement at, ReadOnlySpan<string> words)
    {
        for (int i = 0; i < words.Length; i++)
        {
            string word = words[i];
            if (at.ValueKind == JsonValueKind.Object && at.TryGetProperty(word, out JsonElement member))
            {
                at = member;
                continue;
            }

            if (at.ValueKind != JsonValueKind.Array)
                return null;
            if (word == ResultPaths.Count)
                return JsonSerializer.SerializeToElement(at.GetArrayLength());
            if (!int.TryParse(word, out int index) || index >= at.GetArrayLength())
                return null;
            at = at[index];
        }

        return at;
    }

    private static string? Compare(Expectation expectation, JsonElement? found, string label)
    {
        bool holds = found is { } value && value.ValueKind switch
        {
            JsonValueKind.Number => expectation.Value.Holds(value.GetDecimal()),
            JsonValueKind.String => expectation.Value.Holds(value.GetString()!),
            _ => false,
        };
        if (holds)
            return null;
        string actual = found is null ? "is not there"
            : found.Value.ValueKind == JsonValueKind.String ? $"is \"{found.Value.GetString()}\""
            : $"is {found.Value.GetRawText()}";
        return $"{label} {actual}; expected {expectation.Value}";
    }
}
