using System.CommandLine;
using LinuxMem.Cli.Hosting;
using LinuxMem.Reporting;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem faults: tells of every fault point.</summary>
internal static class FaultsCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new ExampledCommand(
            "faults",
            "List every fault point: its parameters with their defaults, its sites, and what a correct kernel does.",
            "[--json]",
            [
                ("linuxmem faults", "All of them."),
                ("linuxmem run --fault fail_page_alloc=10,100,0,-1,min-order=0,ignore-gfp-wait=N,ignore-gfp-highmem=N",
                    "Every tenth page cannot be had."),
                ("linuxmem run --fault failslab=1,5,0,3,ignore-gfp-wait=N --heal-at 5ms",
                    "Objects fail with a chance of 5%, three times at most, in the first 5 ms."),
            ]);
        var json = new Option<bool>("--json") { Description = "Print the list as JSON." };
        command.Add(json);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json))
                FaultCatalogue.WriteJson(context.Output);
            else
                FaultCatalogue.Write(context.Output);
            return ExitCode.Done;
        });
        return command;
    }
}
