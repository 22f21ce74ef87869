using System.Text.RegularExpressions;

namespace LinuxMem.Architecture.Tests.Rules;

/// <summary>How many lines the members of types take, by counting braces.</summary>
internal static partial class MethodLengths
{
    private enum Block
    {
        /// <summary>A type or a namespace: what is directly inside is a member.</summary>
        Type,

        /// <summary>A method, a property, a constructor, an operator.</summary>
        Member,

        /// <summary>The initial value of a field or a property: a table may be as long as it needs to be.</summary>
        Data,

        /// <summary>Anything inside a member.</summary>
        Inner,
    }

    /// <summary>
    /// Members with more lines than <paramref name="max"/>, from the first of the declaration to the closing brace.
    /// </summary>
    public static IEnumerable<string> LongerThan(SourceFile file, int max)
    {
        string code = file.Code;
        var open = new Stack<(Block Kind, int StartLine)>();
        int headerStart = 0;
        int line = 0;
        for (int i = 0; i < code.Length; i++)
        {
            char c = code[i];
            if (c == '\n')
                line++;
            if (c == '{')
                open.Push((KindOf(code[headerStart..i], open), line - LinesOf(code[headerStart..i])));
            else if (c == '}' && open.TryPop(out var block) && block.Kind == Block.Member)
            {
                int lines = line - block.StartLine + 1;
                if (lines > max)
                    yield return $"{file.At(block.StartLine)}: a member of {lines} lines, more than {max}";
            }
            if (c is '{' or '}' or ';')
                headerStart = i + 1;
        }
    }

    private static Block KindOf(string header, Stack<(Block Kind, int StartLine)> open)
    {
        if (TypeKeyword().IsMatch(header))
            return Block.Type;
        if (open.TryPeek(out var parent) && parent.Kind != Block.Type)
            return parent.Kind == Block.Data ? Block.Data : Block.Inner;
        string outside = Parenthesised().Replace(header, "");
        return Initialiser().IsMatch(outside) ? Block.Data : Block.Member;
    }

    /// <summary>Line ends after the first thing of the header.</summary>
    private static int LinesOf(string header) => header.TrimStart().Count(c => c == '\n');

    [GeneratedRegex(@"\b(class|struct|interface|record|enum|namespace)\b")]
    private static partial Regex TypeKeyword();

    [GeneratedRegex(@"\((?>[^()]+|(?<d>\()|(?<-d>\)))*(?(d)(?!))\)")]
    private static partial Regex Parenthesised();

    [GeneratedRegex(@"(?<![=!<>+\-*/%&|^])=(?![=>])|=>\s*new\b")]
    private static partial Regex Initialiser();
}
