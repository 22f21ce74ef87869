using System.Globalization;

namespace LinuxMem.Simulation.Settings;

/// <summary>Something that a scenario expects of its result.</summary>
/// <param name="Path">
/// Which value of the result, as --json prints it: keys with dots between, positions in arrays, `count` for the length
/// of an array; `process.NAME.KEY` is the key of every process of that name.
/// </param>
/// <param name="Value">What it is to be.</param>
/// <param name="Where">Where it is written down, for messages.</param>
public sealed record Expectation(string Path, ExpectedValue Value, string Where);

/// <summary>What a value is expected to be: a text, or a number within bounds.</summary>
public sealed record ExpectedValue
{
    /// <summary>The text, or the words that it begins with: "exited" holds for "exited 0"; null for a number.</summary>
    public string? Text { get; private init; }

    /// <summary>The least number; null for none.</summary>
    public decimal? Min { get; private init; }

    /// <summary>The greatest number; null for none.</summary>
    public decimal? Max { get; private init; }

    /// <summary>Whether a number is expected.</summary>
    public bool IsNumber => Text is null;

    /// <summary>A text, or its first words.</summary>
    public static ExpectedValue Words(string text) => new() { Text = text };

    /// <summary>A number within bounds, both included; null for no bound.</summary>
    public static ExpectedValue Between(decimal? min, decimal? max) => new() { Min = min, Max = max };

    /// <summary>Exactly this number.</summary>
    public static ExpectedValue Exactly(decimal number) => Between(number, number);

    /// <summary>Whether a text of the result is as expected.</summary>
    public bool Holds(string actual) =>
        Text is not null && (actual == Text || actual.StartsWith(Text + " ", StringComparison.Ordinal));

    /// <summary>Whether a number of the result is as expected.</summary>
    public bool Holds(decimal actual) => IsNumber && !(actual < Min) && !(actual > Max);

    /// <inheritdoc/>
    public override string ToString()
    {
        if (Text is not null)
            return $"\"{Text}\"";
        if (Min == Max)
            return Plain(Min);
        return Max is null ? $"at least {Plain(Min)}"
            : Min is null ? $"at most {Plain(Max)}"
            : $"{Plain(Min)} to {Plain(Max)}";
    }

    private static string Plain(decimal? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
