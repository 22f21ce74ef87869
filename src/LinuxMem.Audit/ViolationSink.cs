using System.Globalization;
using System.Runtime.CompilerServices;

namespace LinuxMem.Audit;

/// <summary>Collects violations, and stops to write their texts once there are enough for anybody to read.</summary>
internal sealed class ViolationSink
{
    private List<Violation> violations = [];
    private int room;

    /// <summary>Violations reported since <see cref="Begin"/>, written or not.</summary>
    public long Total { get; private set; }

    /// <summary>Whether further reports are only counted.</summary>
    public bool IsFull => room <= 0;

    /// <summary>Starts a check that writes at most so many violations into a list.</summary>
    public void Begin(List<Violation> into, int limit)
    {
        violations = into;
        room = limit;
        Total = 0;
    }

    /// <summary>Reports that an invariant is violated.</summary>
    public void Report(string id, [InterpolatedStringHandlerArgument("")] ref ViolationText text)
    {
        Total++;
        if (IsFull)
            return;
        room--;
        violations.Add(new Violation(id, $"{id} violated: {text.Finish()}"));
    }
}

/// <summary>The text of a violation: written in the invariant culture, and not at all when the sink is full.</summary>
[InterpolatedStringHandler]
internal ref struct ViolationText
{
    private DefaultInterpolatedStringHandler text;

    /// <summary>Starts a text, if the sink wants one.</summary>
    public ViolationText(int literalLength, int formattedCount, ViolationSink sink, out bool wanted)
    {
        wanted = !sink.IsFull;
        text = wanted ? new(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
    }

    /// <summary>Adds text as it stands.</summary>
    public void AppendLiteral(string literal) => text.AppendLiteral(literal);

    /// <summary>Adds a value.</summary>
    public void AppendFormatted<T>(T value) => text.AppendFormatted(value);

    /// <summary>Adds a value in a format.</summary>
    public void AppendFormatted<T>(T value, string format) => text.AppendFormatted(value, format);

    /// <summary>The whole text.</summary>
    public string Finish() => text.ToStringAndClear();
}
