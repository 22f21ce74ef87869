using System.CommandLine;
using System.Text;
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
            "scenarios", "List the scenarios that are built in, or print the text of one.", "[NAME]",
            [
                ("linuxmem scenarios", "Each name may follow 'linuxmem run'."),
                ("linuxmem scenarios tiny > my.json", "One to start from."),
                ("linuxmem scenarios random:7", "A random one, drawn from a seed; 'explore --generate' runs those."),
            ]);
        var one = new Argument<string?>("NAME") { Description = "Print this one.", Arity = ArgumentArity.ZeroOrOne };
        command.Add(one);
        command.SetAction(parsed => context.Guard(() =>
        {
            if (parsed.GetValue(one) is { } wanted)
            {
                ReadOnlyMemory<byte> text = context.Services.Scenarios.Text(wanted);
                context.Output.WriteLine(Encoding.UTF8.GetString(text.Span).TrimEnd());
                return ExitCode.Done;
            }

            IReadOnlyList<string> names = context.Services.Scenarios.BuiltInNames;
            int width = names.Count == 0 ? 0 : names.Max(name => name.Length);
            foreach (string name in names)
            {
                string description = SafeText.Clean(context.Services.Scenarios.Read(name, []).Description, 300);
                context.Output.WriteLine($"{name.PadRight(width)}  {description}".TrimEnd());
            }

            return ExitCode.Done;
        }));
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
