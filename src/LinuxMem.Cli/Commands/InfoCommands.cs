using System.CommandLine;
using LinuxMem.Cli.Hosting;
using LinuxMem.Reporting.Json;
using LinuxMem.Reporting.Text;

namespace LinuxMem.Cli.Commands;

/// <summary>The commands that only tell something: scenarios and schema.</summary>
internal static class InfoCommands
{
    /// <summary>linuxmem scenarios: lists what is built in.</summary>
    public static Command BuildScenarios(CommandContext context)
    {
        var command = new ExampledCommand(
            "scenarios", "List the scenarios that are built in.", "",
            [("linuxmem scenarios", "Each name may follow 'linuxmem run'.")]);
        command.SetAction(_ =>
        {
            IReadOnlyList<string> names = context.Services.Scenarios.BuiltInNames;
            int width = names.Count == 0 ? 0 : names.Max(name => name.Length);
            foreach (string name in names)
            {
                string description = SafeText.Clean(context.Services.Scenarios.Read(name, []).Description, 300);
                context.Output.WriteLine($"{name.PadRight(width)}  {description}".TrimEnd());
            }

            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>linuxmem schema: prints the JSON Schema of scenarios, or of results.</summary>
    public static Command BuildSchema(CommandContext context)
    {
        var command = new ExampledCommand(
            "schema", "Print the JSON Schema of a scenario file, for editors and checkers.", "[--result]",
            [
                ("linuxmem schema > scenario.schema.json", "Lets an editor complete and check scenario files."),
                ("linuxmem schema --result", "The schema of what --json prints."),
            ]);
        var result = new Option<bool>("--result") { Description = "The schema of the output of --json instead." };
        command.Add(result);
        command.SetAction(parsed =>
        {
            string schema = parsed.GetValue(result) ? RunResultJson.SchemaText : context.Services.Scenarios.SchemaText;
            context.Output.WriteLine(schema.TrimEnd());
            return ExitCode.Done;
        });
        return command;
    }
}
