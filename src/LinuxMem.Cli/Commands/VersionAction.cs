using System.CommandLine;
using System.CommandLine.Invocation;
using LinuxMem.Cli.Hosting;

namespace LinuxMem.Cli.Commands;

/// <summary>Prints the version of the command's own assembly, whichever program hosts it.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine("linuxmem " + BuildInfo.Version);
        return ExitCode.Done;
    }
}
