namespace LinuxMem.Architecture.Tests;

/// <summary>A text file: its path from the root of the repository, with slashes, and its text.</summary>
internal sealed record SourceFile(string Path, string Text)
{
    /// <summary>The lines, without their ends.</summary>
    public string[] Lines { get; } = Text.Split('\n').Select(line => line.TrimEnd('\r')).ToArray();

    /// <summary>The lines of code alone: comments and literals are blanks. For C# only.</summary>
    public string[] CodeLines => Code.Split('\n');

    /// <summary>The text with comments and literals blanked out, every character at its place. For C# only.</summary>
    public string Code => code ??= CodeOnly.Of(Text);

    private string? code;

    /// <summary>Whether the file is in this folder or below it.</summary>
    public bool IsIn(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    /// <summary>Where something is, for messages.</summary>
    public string At(int lineIndex) => $"{Path}:{lineIndex + 1}";
}
