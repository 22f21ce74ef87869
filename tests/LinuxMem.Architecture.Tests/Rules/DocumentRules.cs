using System.Text.RegularExpressions;

namespace LinuxMem.Architecture.Tests.Rules;

/// <summary>What holds for the documents.</summary>
internal static partial class DocumentRules
{
    /// <summary>Links to files that are not there. Links to the web are not followed.</summary>
    /// <param name="document">A Markdown file.</param>
    /// <param name="exists">Whether a path from the root of the repository names a file or a folder.</param>
    public static IEnumerable<string> BrokenLinks(SourceFile document, Func<string, bool> exists)
    {
        string folder = Path.GetDirectoryName(document.Path)!;
        foreach (Match link in Link().Matches(Fence().Replace(document.Text, "")))
        {
            string target = link.Groups[1].Value.Split('#')[0];
            if (target.Length == 0 || target.Contains("://", StringComparison.Ordinal))
                continue;
            if (!exists(Path.Combine(folder, target)))
                yield return $"{document.Path}: the link to {target} leads nowhere";
        }
    }

    [GeneratedRegex(@"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();
}
