using LinuxMem.Cli.Commands;

namespace LinuxMem.Cli.Tests.EndToEnd;

/// <summary>One call of the command with the real rooms behind it, and what it answered.</summary>
internal sealed record RealRun(int Code, string Output, string Error)
{
    public static RealRun Of(params string[] args)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        int code = LinuxMemCommand.Invoke(args, output, error, Composition.Create(CancellationToken.None));
        return new RealRun(code, output.ToString(), error.ToString());
    }

    /// <summary>A file of the repository, by its path from the root.</summary>
    public static string RepositoryFile(string path)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LinuxMem.Actors.sln")))
            folder = folder.Parent;
        return Path.Combine(folder!.FullName, path);
    }
}
