namespace LinuxMem.Cli.Commands;

/// <summary>Guesses what a mistyped word was meant to be.</summary>
internal static class NearestWord
{
    private const int LongestWord = 40;

    /// <summary>The candidate with the fewest edits from the word, the first of equals; null if none is near.</summary>
    public static string? Of(string word, IEnumerable<string> candidates)
    {
        if (word.Length > LongestWord)
            return null;
        string? best = null;
        int bestDistance = 1 + Math.Min(2, word.Length / 3);
        foreach (string candidate in candidates)
        {
            int distance = Distance(word, candidate);
            if (distance < bestDistance)
            {
                best = candidate;
                bestDistance = distance;
            }
        }

        return best;
    }

    // Edits are insertions, deletions, replacements, and swaps of neighbours ("rnu").
    private static int Distance(string a, string b)
    {
        var edits = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    edits[i, j] = i + j;
                    continue;
                }

                int least = Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1;
                least = Math.Min(least, edits[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    least = Math.Min(least, edits[i - 2, j - 2] + 1);
                edits[i, j] = least;
            }
        }

        return edits[a.Length, b.Length];
    }
}
