using LinuxMem.Cli.Seams;

namespace LinuxMem.Cli;

/// <summary>Puts the rooms together: what stands behind each of the command's seams.</summary>
internal static class Composition
{
    /// <summary>The services of the real program.</summary>
    public static CommandServices Create(CancellationToken cancel)
    {
        var unbound = new Unbound();
        return new CommandServices
        {
            Simulator = unbound,
            Scenarios = unbound,
            Replays = unbound,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            InputIsTerminal = !Console.IsInputRedirected,
            Cancel = cancel,
        };
    }
}
