using System.Text;

namespace LinuxMem.Workloads.Strace.Reading;

/// <summary>What an event of a log is.</summary>
internal enum StraceEventKind
{
    /// <summary>A system call.</summary>
    Call,

    /// <summary>A signal was delivered: --- SIGSEGV {...} ---.</summary>
    Signal,

    /// <summary>A task exited: +++ exited with 0 +++.</summary>
    Exited,

    /// <summary>A task was killed: +++ killed by SIGKILL +++.</summary>
    Killed,

    /// <summary>A thread-group leader gave way to another thread's execve.</summary>
    Superseded,
}

/// <summary>An event of a task, as the log shows it; a call that the log splits in two is one event.</summary>
internal sealed class StraceEvent
{
    private List<StraceField>? arguments;
    private StraceResult? result;

    internal StraceEventKind Kind { get; init; }

    /// <summary>The task whose event it is; 0 where the log shows no ids.</summary>
    internal int Tid { get; set; }

    /// <summary>The line where it begins, from 1.</summary>
    internal long Line { get; init; }

    /// <summary>The line where it ends: another one only for a call that was resumed.</summary>
    internal long EndLine { get; set; }

    /// <summary>The call's or the signal's name; what is left of a note.</summary>
    internal string Name { get; init; } = "";

    /// <summary>The call's number; -1 for none that is known.</summary>
    internal int Nr { get; init; } = -1;

    /// <summary>Call: the text between the parentheses. Signal: the braces. Exit: the code. Else empty.</summary>
    internal ReadOnlyMemory<byte> ArgumentText { get; set; }

    /// <summary>What follows the equals sign; empty if the call has not ended.</summary>
    internal ReadOnlyMemory<byte> ResultText { get; set; }

    /// <summary>Whether the log shows how the call ended.</summary>
    internal bool IsEnded { get; set; }

    /// <summary>The place in the order of all events' effects; -1 before it is known.</summary>
    internal int Order { get; set; } = -1;

    /// <summary>Superseded: the execve whose task goes on in this one's place; null if it is not logged.</summary>
    internal StraceEvent? Successor { get; set; }

    /// <summary>The arguments; read when they are first asked for.</summary>
    internal List<StraceField> Arguments => arguments ??= ValueParser.Arguments(ArgumentText);

    /// <summary>The result; read when it is first asked for.</summary>
    internal StraceResult Result => result ??= StraceResult.Read(ResultText);

    /// <summary>An argument by its place; <see cref="StraceValue.None"/> if the log does not show so many.</summary>
    internal StraceValue this[int index] => index < Arguments.Count ? Arguments[index].Value : StraceValue.None;

    /// <summary>An argument by its name, as clone has them; null if there is none.</summary>
    internal StraceValue? Argument(string name)
    {
        foreach (StraceField field in Arguments)
        {
            if (field.Name == name)
                return field.Value;
        }

        return null;
    }

    /// <summary>Lets go of what was parsed: the event is over.</summary>
    internal void Forget()
    {
        arguments = null;
        result = null;
    }

    /// <summary>The call as the log shows it.</summary>
    public override string ToString() => Kind == StraceEventKind.Call
        ? $"{Name}({Encoding.UTF8.GetString(ArgumentText.Span)})"
        : Name;
}
