using System.Text.RegularExpressions;

namespace LinuxMem.Architecture.Tests.Rules;

/// <summary>What sources may say. Each rule looks at code only, not at comments and literals.</summary>
internal static partial class CodeRules
{
    /// <summary>
    /// Folders of Workloads that read files: everything else there is a pure function of its start values.
    /// </summary>
    private static readonly string[] ReadersOfWorkloads = ["Inputs/", "Lackey/", "Scenarios/"];

    /// <summary>Files that may use a banned symbol, each with the reason beside its pragma.</summary>
    private static readonly string[] MayUseBanned = ["src/LinuxMem.Cli/Hosting/WallClock.cs"];

    /// <summary>Programs and access patterns that reach for files, threads or the console.</summary>
    public static IEnumerable<string> ImpureWorkload(SourceFile file)
    {
        const string Room = "src/LinuxMem.Workloads/";
        return file.Path.StartsWith(Room, StringComparison.Ordinal)
            && !ReadersOfWorkloads.Any(folder => file.Path.StartsWith(Room + folder, StringComparison.Ordinal))
            ? Lines(file, Outside(), "files, threads and the console are not for programs")
            : [];
    }

    /// <summary>Asynchronous code outside Cli and the hosting of actor systems.</summary>
    public static IEnumerable<string> Asynchronous(SourceFile file) =>
        file.Path.StartsWith("src/", StringComparison.Ordinal)
        && !file.Path.StartsWith("src/LinuxMem.Cli/", StringComparison.Ordinal)
        && !file.Path.StartsWith("src/LinuxMem.Actors/Hosting/", StringComparison.Ordinal)
            ? Lines(file, Async(), "nothing runs beside the actors: no async, no tasks")
            : [];

    /// <summary>Pragmas that let banned symbols in.</summary>
    public static IEnumerable<string> LiftedBans(SourceFile file) =>
        file.Path.StartsWith("src/", StringComparison.Ordinal) && !MayUseBanned.Contains(file.Path)
            ? Lines(file, LiftedBan(), "a banned symbol is let in")
            : [];

    /// <summary>An actor that creates children and leaves their supervision to Akka, which restarts for ever.</summary>
    public static IEnumerable<string> UnsupervisedChildren(SourceFile file) =>
        file.Path.StartsWith("src/", StringComparison.Ordinal)
        && file.Code.Contains("Context.ActorOf", StringComparison.Ordinal)
        && !file.Code.Contains("SupervisorStrategy SupervisorStrategy()", StringComparison.Ordinal)
            ? [$"{file.Path}: creates actors without a SupervisorStrategy"]
            : [];

    private static IEnumerable<string> Lines(SourceFile file, Regex pattern, string what)
    {
        string[] lines = file.CodeLines;
        for (int i = 0; i < lines.Length; i++)
        {
            if (pattern.IsMatch(lines[i]))
                yield return $"{file.At(i)}: {what}";
        }
    }

    [GeneratedRegex(
        @"(?<![.\w])(File|Directory|Console|Thread|Monitor)\.|\bnew ((File|Stream)\w*|Thread)\(|using System\.IO")]
    private static partial Regex Outside();

    [GeneratedRegex(@"\basync\b|\bawait\b|\bValueTask\b|\bTask<|\bTask\s+\w+\s*\(|"
        + @"(?<![.\w])Task\.(Run|Delay|When\w+|Factory|Yield|From\w+|CompletedTask)\b")]
    private static partial Regex Async();

    [GeneratedRegex(@"#pragma warning disable\b.*\bRS0030\b|#pragma warning disable\s*$")]
    private static partial Regex LiftedBan();
}
