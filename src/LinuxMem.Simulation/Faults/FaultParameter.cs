namespace LinuxMem.Simulation.Faults;

/// <summary>What values a parameter takes.</summary>
public enum FaultValueKind
{
    /// <summary>A whole number from 0.</summary>
    Count,

    /// <summary>Y or N, as in debugfs.</summary>
    Flag,

    /// <summary>A name in which * stands for any characters and ? for one.</summary>
    Glob,

    /// <summary>A time such as 20us.</summary>
    Time,

    /// <summary>One of some words.</summary>
    Word,
}

/// <summary>A parameter that a fault point has beside those that all have.</summary>
/// <param name="Name">Its name: Linux's, where Linux has it.</param>
/// <param name="Kind">What values it takes.</param>
/// <param name="Default">What holds if it is not given, as it is written.</param>
/// <param name="Description">What it does.</param>
/// <param name="Words">For <see cref="FaultValueKind.Word"/>: the words.</param>
public sealed record FaultParameter(
    string Name, FaultValueKind Kind, string Default, string Description, params string[] Words)
{
    /// <summary>Whether a text is a value of it; if not, what is expected.</summary>
    public bool Accepts(string text, out string expected)
    {
        expected = Kind switch
        {
            FaultValueKind.Count => "a whole number from 0 to 2147483647",
            FaultValueKind.Flag => "Y or N",
            FaultValueKind.Time => "a time from 0ns to 1000s such as 20us",
            FaultValueKind.Word => "one of " + string.Join(", ", Words),
            _ => "a name, perhaps with * and ?",
        };
        return Kind switch
        {
            FaultValueKind.Count => FaultNumbers.TryCount(text, out _),
            FaultValueKind.Flag => text is "Y" or "N",
            FaultValueKind.Time => FaultNumbers.TryTime(text, out _),
            FaultValueKind.Word => Words.Contains(text, StringComparer.Ordinal),
            _ => text.Length is > 0 and <= 64 && text.All(c => c is > ' ' and <= '~' and not ','),
        };
    }
}
