using System.CommandLine;

namespace LinuxMem.Cli.Commands;

/// <summary>The argument that names a scenario.</summary>
internal static class ScenarioArgument
{
    /// <summary>The argument of a command; not yet added to it.</summary>
    public static Argument<string?> Of(Command command)
    {
        var scenario = new Argument<string?>("SCENARIO")
        {
            Description = "A JSON file, or a name that 'linuxmem scenarios' lists; without it, 'showcase'.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        // The library takes an unknown option for the scenario's name: a file whose name begins with - is ./-name.
        scenario.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.Tokens[0].Value.StartsWith('-'))
                result.AddError(LinuxMemCommand.Unknown(result.Tokens[0].Value, command));
        });
        return scenario;
    }
}
