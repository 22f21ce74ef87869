namespace LinuxMem.Architecture.Tests;

/// <summary>The files of this repository, found from where the tests run.</summary>
internal static class Repository
{
    private static readonly string[] TextExtensions =
        [".cs", ".md", ".csproj", ".props", ".json", ".hocon", ".config", ".txt"];

    /// <summary>Full path of the folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>C# sources of src and tests, in order of path.</summary>
    public static IReadOnlyList<SourceFile> Sources { get; } = Read("src", ".cs").Concat(Read("tests", ".cs")).ToList();

    /// <summary>Text files written by hand, in order of path.</summary>
    public static IReadOnlyList<SourceFile> Texts { get; } =
        Read("", TextExtensions).Concat(Read(".ci", "run")).Where(file => !IsTestData(file.Path)).ToList();

    /// <summary>Markdown files, in order of path.</summary>
    public static IReadOnlyList<SourceFile> Documents { get; } = Read("", ".md");

    /// <summary>Project files, in order of path.</summary>
    public static IReadOnlyList<SourceFile> Projects { get; } = Read("", ".csproj");

    /// <summary>The text of one file.</summary>
    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Whether there is such a file or folder.</summary>
    public static bool Exists(string path) => Path.Exists(Path.Combine(Root, path));

    private static List<SourceFile> Read(string folder, params string[] endings)
    {
        string start = Path.Combine(Root, folder);
        if (!Directory.Exists(start))
            return [];
        return Directory.EnumerateFiles(start, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)) && !IsOutput(path))
            .Order(StringComparer.Ordinal)
            .Select(path => new SourceFile(path, Text(path)))
            .ToList();
    }

    private static bool IsOutput(string path) =>
        path.Split('/') is var parts && (parts.Contains("bin") || parts.Contains("obj") || parts.Contains("artifacts")
            || parts.Contains("TestResults") || parts[0] == ".git");

    /// <summary>Snapshots and sample inputs are what programs write, not what people do.</summary>
    private static bool IsTestData(string path) => path.StartsWith("tests/", StringComparison.Ordinal)
        && !path.EndsWith(".cs", StringComparison.Ordinal) && !path.EndsWith(".csproj", StringComparison.Ordinal);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "LinuxMem.Actors.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("LinuxMem.Actors.sln is in no folder above " + AppContext.BaseDirectory);
    }
}
