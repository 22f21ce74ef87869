using LinuxMem.Workloads.Scenarios.Json;

namespace LinuxMem.Workloads.Scenarios.Shapes;

/// <summary>What an unknown name was meant to be.</summary>
internal static class Suggestion
{
    private const int LengthMax = 40;

    /// <summary>"did you mean" the nearest known name, or the list of all of them where none is near.</summary>
    public static string For(string name, IEnumerable<string> known)
    {
        string? best = null;
        int bestDistance = int.MaxValue;
        string[] all = known.ToArray();
        foreach (string candidate in all)
        {
            int distance = Distance(name, candidate);
            if (distance < bestDistance)
                (best, bestDistance) = (candidate, distance);
        }

        bool isNear = best is not null && bestDistance <= Math.Max(1, Math.Min(name.Length, best.Length) / 3);
        return isNear
            ? $"did you mean {Quoting.Quote(best!)}?"
            : all.Length == 0 ? "expected no key" : "expected " + OneOf(all);
    }

    /// <summary>A list of names in quotes, with "or" before the last.</summary>
    public static string OneOf(IReadOnlyList<string> names)
    {
        string[] quoted = names.Select(n => $"\"{n}\"").ToArray();
        return quoted.Length == 1 ? quoted[0] : string.Join(", ", quoted[..^1]) + " or " + quoted[^1];
    }

    /// <summary>
    /// Edits from one name to the other, without regard to case: insert, delete, replace, or swap two neighbours.
    /// </summary>
    internal static int Distance(string a, string b)
    {
        if (a.Length > LengthMax || b.Length > LengthMax)
            return int.MaxValue;
        a = a.ToLowerInvariant();
        b = b.ToLowerInvariant();
        int[,] d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            d[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            d[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replace = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(replace, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }

        return d[a.Length, b.Length];
    }
}
