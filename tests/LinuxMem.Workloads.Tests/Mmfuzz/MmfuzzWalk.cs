using LinuxMem.Abi;
using LinuxMem.Workloads.Inputs;
using LinuxMem.Workloads.Mmfuzz;

namespace LinuxMem.Workloads.Tests.Mmfuzz;

/// <summary>Leads the model along a log and compares each of its calls with the line.</summary>
internal sealed class MmfuzzWalk
{
    private readonly Dictionary<int, (MmfuzzTask Task, TracedCall? Open)> tasks = [];
    private MmfuzzTask? cloner;

    public int Calls { get; private set; }

    public int ComparedArguments { get; private set; }

    public int UnknownArguments { get; private set; }

    public static string LogText(string name)
    {
        using var reader = new StreamReader(
            InputFile.Open(Path.Combine(AppContext.BaseDirectory, "Mmfuzz", name)));
        return reader.ReadToEnd();
    }

    /// <summary>The first disagreement, in words; null if there is none.</summary>
    public string? Run(IEnumerable<TracedCall> lines, MmfuzzCommand? command = null)
    {
        foreach (TracedCall line in lines)
        {
            if (line.Name == "execve")
            {
                command ??= CommandOf(line);
                tasks[line.Pid] = (new MmfuzzTask(command), null);
                continue;
            }

            if (!tasks.TryGetValue(line.Pid, out var task))
                task = (cloner!.TakeChild(), null);
            if (line.Starts && Compare(task.Task, line) is { } difference)
                return $"line {line.Line}: {difference}";
            if (line.Result is not null)
                task.Task.Answer(line.Value, line.Copied());
            tasks[line.Pid] = (task.Task, line);
        }

        return null;
    }

    private static MmfuzzCommand CommandOf(TracedCall line)
    {
        string[] arguments = [.. line.Arguments[1].Trim('[', ']').Split(", ").Select(one => one.Trim('"'))];
        return MmfuzzCommand.Of(line.Arguments[0].Trim('"'), arguments, [])!;
    }

    private string? Compare(MmfuzzTask task, TracedCall line)
    {
        MmfuzzCall? call = task.Next();
        Calls++;
        if (call is null)
            return $"the model has ended, the log goes on with {line.Name}";
        if (line.Name == "clone")
            cloner = task;
        if (!string.Equals(call.Nr.ToString(), line.Name.Replace("_", "", StringComparison.Ordinal),
            StringComparison.OrdinalIgnoreCase))
            return $"the model makes {call.Nr}, the log {line.Name}";
        if (line.Name is "clone" && line.Arguments[0].Contains('='))
            return null; // printed by name, not by place
        for (int i = 0; i < Math.Min(line.Arguments.Length, call.Count); i++)
        {
            if (TracedCall.Number(line.Arguments[i]) is not { } logged)
                continue;
            if (!call.Knows(i))
            {
                UnknownArguments++;
                continue;
            }

            ComparedArguments++;
            bool narrow = logged == uint.MaxValue || (call.Nr == SyscallNr.Openat && i == 0);
            if (narrow ? (uint)logged != (uint)call.Arguments[i] : logged != call.Arguments[i])
                return $"argument {i} of {line.Name} is {logged:x}, the model says {call.Arguments[i]:x}";
        }

        return null;
    }
}
