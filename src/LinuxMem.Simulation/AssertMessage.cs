using System.ComponentModel;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace LinuxMem.Simulation;

/// <summary>
/// The message of an assertion, put together only when the invariant is broken: one that holds costs a comparison.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[InterpolatedStringHandler]
public ref struct AssertMessage
{
    private DefaultInterpolatedStringHandler text;

    /// <summary>Called by the compiler; the parts are looked at only if <paramref name="isBroken"/>.</summary>
    public AssertMessage(int literalLength, int formattedCount, bool condition, out bool isBroken)
    {
        isBroken = !condition;
        if (isBroken)
            text = new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture);
    }

    /// <summary>Takes in a piece of the text.</summary>
    public void AppendLiteral(string value) => text.AppendLiteral(value);

    /// <summary>Takes in a value.</summary>
    public void AppendFormatted<T>(T value) => text.AppendFormatted(value);

    /// <summary>Takes in a value in a format.</summary>
    public void AppendFormatted<T>(T value, string? format) => text.AppendFormatted(value, format);

    /// <summary>The text, once.</summary>
    internal string Take() => text.ToStringAndClear();
}
