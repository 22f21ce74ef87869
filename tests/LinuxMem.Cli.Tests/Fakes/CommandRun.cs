using LinuxMem.Cli.Commands;
using LinuxMem.Cli.Seams;

namespace LinuxMem.Cli.Tests.Fakes;

/// <summary>One call of the command with fake rooms, and what it answered.</summary>
internal sealed class CommandRun
{
    private CommandRun(int code, string output, string error, FakeRooms rooms)
    {
        Code = code;
        Output = output;
        Error = error;
        Rooms = rooms;
    }

    public int Code { get; }

    public string Output { get; }

    public string Error { get; }

    public FakeRooms Rooms { get; }

    public static CommandRun Of(params string[] args) => With(new FakeRooms(), args);

    public static CommandRun With(FakeRooms rooms, params string[] args) => With(rooms, services => services, args);

    public static CommandRun With(FakeRooms rooms, Func<CommandServices, CommandServices> change, params string[] args)
    {
        double now = 0;
        var services = new CommandServices
        {
            Simulator = rooms,
            Scenarios = rooms,
            Replays = rooms,
            MissStudies = rooms,
            Recorder = rooms,
            Scale = rooms,
            Seconds = () => now += 0.25,
        };
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        int code = LinuxMemCommand.Invoke(args, output, error, change(services));
        return new CommandRun(code, output.ToString(), error.ToString(), rooms);
    }
}
