using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using LinuxMem.Reporting.Text;
using LinuxMem.Workloads.Scenarios;

namespace LinuxMem.Cli.Commands;

/// <summary>
/// Options whose values are checked while the command line is parsed, with messages that say what is expected.
/// </summary>
internal static class OptionValues
{
    /// <summary>An option that takes a whole number in decimal digits; null if it is not given.</summary>
    public static Option<ulong?> Number(string name, string description, ulong least, ulong most) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            // NumberStyles.None: no sign, no exponent, no separators, no blanks. One grammar for all numbers.
            if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
                && value >= least && value <= most)
            {
                return value;
            }

            result.AddError($"{name}: '{SafeText.Clean(text, 80)}' is not a whole number from {least} to {most}");
            return null;
        },
    };

    /// <summary>An option that takes a time such as 1.5ms; null if it is not given.</summary>
    public static Option<long?> Time(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!TimeText.TryParse(text, out long ns, out string reason))
                result.AddError($"{name}: '{SafeText.Clean(text, 80)}' {reason}; expected a time such as 1.5ms");
            return ns;
        },
    };

    /// <summary>An option that takes one of some words.</summary>
    public static Option<string?> Word(string name, string helpName, string description, params string[] words)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = helpName };
        option.Validators.Add(result => Check(result, words));
        return option;
    }

    /// <summary>The option for settings, "key=value", as often as wanted.</summary>
    public static Option<string[]> Settings()
    {
        var option = new Option<string[]>("--set")
        {
            Description = "Change a setting of the scenario, for instance machine.cpus=8. May be repeated.",
            HelpName = "KEY=VALUE",
            Arity = ArgumentArity.OneOrMore,
            DefaultValueFactory = _ => [],
        };
        option.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens)
            {
                if (token.Value.IndexOf('=', StringComparison.Ordinal) <= 0)
                    result.AddError($"--set: '{SafeText.Clean(token.Value, 80)}' is not of the form KEY=VALUE");
            }
        });
        return option;
    }

    private static void Check(OptionResult result, string[] words)
    {
        foreach (Token token in result.Tokens)
        {
            if (!words.Contains(token.Value, StringComparer.Ordinal))
            {
                result.AddError($"{result.Option.Name}: '{SafeText.Clean(token.Value, 80)}' is not one of "
                    + string.Join(", ", words));
            }
        }
    }
}
