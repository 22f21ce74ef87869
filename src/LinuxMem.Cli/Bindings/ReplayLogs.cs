using LinuxMem.Cli.Seams;
using LinuxMem.Simulation;
using LinuxMem.Workloads.Inputs;
using LinuxMem.Workloads.Strace;

namespace LinuxMem.Cli.Bindings;

/// <summary>Replays of logs, told apart by what is in them: valgrind's lackey, or strace.</summary>
internal sealed class ReplayLogs : IReplaySource
{
    /// <inheritdoc/>
    public ReplayInput Open(ReplayRequest request)
    {
        string first = request.Logs[0];
        bool isFolder = first != InputFile.StandardInput && Directory.Exists(first);
        if (isFolder)
            return LackeyLogs.Open(request, null);
        (Stream log, bool isStrace) = LogKind.Open(first);
        if (!isStrace)
        {
            if (first == InputFile.StandardInput)
                return LackeyLogs.Open(request, log);
            log.Dispose();
            return LackeyLogs.Open(request, null);
        }

        if (request.Layout is not null || request.IsOfLayout)
        {
            log.Dispose();
            throw new ConfigurationException(
                "--layout, --sysroot, --cwd, --processor and --env are for logs of lackey");
        }

        if (request.Logs.Count > 1)
        {
            log.Dispose();
            throw new ConfigurationException("several logs of strace, as -ff makes them, do not say what came first; "
                + "record with 'strace -f -o FILE'");
        }

        return StraceLogs.Open(request, log, InputFile.Name(first));
    }
}
