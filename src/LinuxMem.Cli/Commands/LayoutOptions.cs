using System.CommandLine;
using LinuxMem.Cli.Seams;

namespace LinuxMem.Cli.Commands;

/// <summary>The options of a replay that say where a logged program's mappings are put.</summary>
internal sealed class LayoutOptions
{
    private readonly Option<string?> layout = OptionValues.Word("--layout", "logged|linux",
        "Logs of lackey: where mappings are put: where valgrind had them, or where Linux would; then faults and "
            + "mappings at exit are those to expect natively.", "logged", "linux");

    private readonly Option<string?> sysroot = new("--sysroot")
    {
        Description = "With --layout=linux: the directory under which programs and libraries are found; else /.",
        HelpName = "DIR",
    };

    private readonly Option<string?> workingDirectory = new("--cwd")
    {
        Description = "With --layout=linux: where the program was started, as a path under the sysroot; else the "
            + "current directory, or the root of a sysroot that is given.",
        HelpName = "DIR",
    };

    private readonly Option<string?> processor = OptionValues.Word("--processor", "avx512|avx2",
        "With --layout=linux: what the processor to predict for has. Valgrind hides AVX-512, with which the C library "
            + "uses other code (avx512, if not given).", "avx512", "avx2");

    private readonly Option<string[]> environment = new("--env")
    {
        Description = "With --layout=linux: the programs' environment, of which the log does not tell.",
        HelpName = "NAME=VALUE",
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(layout);
        command.Add(sysroot);
        command.Add(workingDirectory);
        command.Add(processor);
        command.Add(environment);
    }

    /// <summary>The request with what was given for them.</summary>
    public ReplayRequest Apply(ParseResult parsed, ReplayRequest request) => request with
    {
        Layout = parsed.GetValue(layout),
        Sysroot = parsed.GetValue(sysroot),
        WorkingDirectory = parsed.GetValue(workingDirectory),
        Processor = parsed.GetValue(processor),
        Environment = parsed.GetValue(environment) ?? [],
    };
}
