using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Inputs;
using LinuxMem.Workloads.Strace.Calls;
using LinuxMem.Workloads.Strace.Layouts;
using LinuxMem.Workloads.Strace.Planning;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace;

/// <summary>
/// A log of strace as a scenario, whose programs compare the simulated kernel's answers with the log's.
/// </summary>
public sealed class StraceReplay
{
    private readonly StraceLog log;
    private readonly ReplayState state;

    private StraceReplay(StraceLog log, StraceOptions options)
    {
        this.log = log;
        state = new ReplayState(log, ScriptPlanner.Plan(log), options, LayoutSource.Read(options.LayoutsPath));
        Scenario = MakeScenario(options);
    }

    /// <summary>What to run, once.</summary>
    public Scenario Scenario { get; }

    /// <summary>What became of the lines of the log.</summary>
    public StraceTotals Totals => StraceTotals.Of(log.Counts);

    /// <summary>Reads a log.</summary>
    /// <param name="path">A file, plain or compressed (<see cref="InputFile"/>), or "-" for standard input.</param>
    /// <param name="options">How to read and replay it.</param>
    /// <exception cref="ConfigurationException">It is no log of strace, or a line is bad and the options are
    /// strict.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static StraceReplay Open(string path, StraceOptions options)
    {
        using Stream stream = InputFile.Open(path);
        return Read(stream, InputFile.Name(path), options);
    }

    /// <summary>Reads a log from a stream.</summary>
    /// <param name="stream">The log.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="options">How to read and replay it.</param>
    /// <exception cref="ConfigurationException">As for <see cref="Open"/>.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static StraceReplay Read(Stream stream, string name, StraceOptions options) =>
        new(StraceLog.Read(stream, name, options.Strict), options);

    /// <summary>The same log for another run, read otherwise. The log's own options, such as strict, stay.</summary>
    /// <param name="options">How to replay it.</param>
    public StraceReplay Again(StraceOptions options) => new(log, options);

    /// <summary>
    /// A machine of the user's choice with what the comparison needs: contents of memory for all of it.
    /// </summary>
    public MachineSettings Adapt(MachineSettings machine) =>
        machine with { Contents = Scenario.Machine.Contents };

    /// <summary>What came of the comparison. Call it once, when the run has ended.</summary>
    /// <param name="result">The run's result: it tells how processes ended.</param>
    public CheckReport Finish(RunResult result)
    {
        state.Close(result);
        return state.Report;
    }

    private Scenario MakeScenario(StraceOptions options)
    {
        var processes = new List<ProcessSpec>();
        var seen = new HashSet<int>();
        foreach (TaskScript script in state.Scripts.Roots())
        {
            long startNs = script.Events[0].Order * 1000L;
            processes.Add(new ProcessSpec(() => Program(script), startNs)
            {
                // A number that is used again belongs to whom the log shows first.
                Pid = seen.Add(script.Tid) && state.Scripts.IsFirstOf(script) ? script.Tid : 0,
                Limits = LimitGuess.Make(script, log),
                User = UserGuess.Make(script),
            });
        }

        return new Scenario
        {
            Name = "strace",
            Description = "A log of strace",
            Machine = new MachineSettings
            {
                Cpus = 1,
                MemoryBytes = options.MemoryBytes,
                // The disk of the machine that the reference logs come from reads 8 MiB ahead.
                Vm = new VmSettings
                {
                    ReadAheadKb = 8192,
                    NrHugePages = HugePagesGuess.Make(log),
                    GigabytePages = GigabyteGuess.Make(log),
                    ZeroPage = options.ZeroPage,
                },
                Contents = options.Check == CheckLevel.All ? ContentMode.Bytes : ContentMode.None,
            },
            Engine = new EngineSettings { MaxVirtualNs = long.MaxValue / 4 },
            Processes = processes,
        };
    }

    // A log that begins in the middle of a life has an image all the same: what its first calls tell of it.
    private StraceProgram Program(TaskScript script)
    {
        var task = new LoggedTask { Script = script, Pid = script.Tid, IsRoot = UserGuess.Make(script) == 0 };
        state.Begin(task);
        StraceEvent first = script.Events[0];
        bool executes = first.Nr is (int)SyscallNr.Execve or (int)SyscallNr.Execveat && first.Result.IsSuccess;
        ImageSpec image = executes ? ImageSpec.Empty : ImageGuess.Make(script, null, state.ProgramBase);
        return new StraceProgram(state, task, "strace", image, null);
    }
}
