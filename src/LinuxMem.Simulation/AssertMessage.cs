using System.Globalization;
using System.Runtime.CompilerServices;

namespace LinuxMem.Simulation;

/// <summary>
/// The text of an assertion, which is put together only if the assertion fails: on the way of a fault there are dozens
/// that hold.
/// </summary>
[InterpolatedStringHandler]
public ref struct AssertMessage
{
    private DefaultInterpolatedStringHandler text;

    /// <summary>Called by the compiler: the text is wanted when the condition does not hold.</summary>
    public AssertMessage(int literalLength, int formattedCount, bool condition, out bool wanted)
    {
        wanted = !condition;
        text = condition ? default : new DefaultInterpolatedStringHandler(
            literalLength, formattedCount, CultureInfo.InvariantCulture);
    }

    /// <summary>Called by the compiler.</summary>
    public void AppendLiteral(string literal) => text.AppendLiteral(literal);

    /// <summary>Called by the compiler.</summary>
    public void AppendFormatted<T>(T value) => text.AppendFormatted(value);

    /// <summary>Called by the compiler.</summary>
    public void AppendFormatted<T>(T value, string? format) => text.AppendFormatted(value, format);

    /// <summary>The text.</summary>
    public string ToStringAndClear() => text.ToStringAndClear();
}
