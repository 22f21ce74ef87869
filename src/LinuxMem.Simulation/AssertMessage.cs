using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace LinuxMem.Simulation;

/// <summary>
/// The text of an assertion, which is put together only if the assertion fails: on the way of a fault there are dozens
/// that hold, and each costs a comparison.
/// </summary>
[InterpolatedStringHandler]
public readonly ref struct AssertMessage
{
    // One reference: whoever asserts has to clear room for it on the stack.
    private readonly StringBuilder? text;

    /// <summary>Called by the compiler: the text is wanted when the condition does not hold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public AssertMessage(int literalLength, int formattedCount, bool condition, out bool wanted)
    {
        wanted = !condition;
        text = condition ? null : Begin(literalLength, formattedCount);
    }

    /// <summary>Called by the compiler.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void AppendLiteral(string literal) => text!.Append(literal);

    /// <summary>Called by the compiler.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void AppendFormatted<T>(T value) => text!.Append(CultureInfo.InvariantCulture, $"{value}");

    /// <summary>Called by the compiler.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void AppendFormatted<T>(T value, string? format) =>
        text!.Append((value as IFormattable)?.ToString(format, CultureInfo.InvariantCulture) ?? value?.ToString());

    /// <summary>The text.</summary>
    public string ToStringAndClear() => text!.ToString();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static StringBuilder Begin(int literalLength, int formattedCount) =>
        new(literalLength + (formattedCount * 8));
}
