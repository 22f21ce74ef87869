using System.CommandLine;

namespace LinuxMem.Cli.Commands;

/// <summary>A command with a usage line of its own and examples for its help.</summary>
/// <param name="name">Its name.</param>
/// <param name="description">What it does.</param>
/// <param name="usage">What follows its name on the usage line.</param>
/// <param name="examples">Command lines, each with what it is for.</param>
internal sealed class ExampledCommand(string name, string description, string usage,
    (string Line, string What)[] examples)
    : Command(name, description)
{
    /// <summary>The whole usage line.</summary>
    public string Usage { get; } = $"Usage: linuxmem {name} {usage}";

    /// <summary>Command lines to try, each with what it is for.</summary>
    public (string Line, string What)[] Examples { get; } = examples;
}
