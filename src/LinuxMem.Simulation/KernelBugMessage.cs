using System.Globalization;
using System.Runtime.CompilerServices;

namespace LinuxMem.Simulation;

/// <summary>The message of a <see cref="KernelBug"/>, made only when there is one: assertions cost no strings.</summary>
[InterpolatedStringHandler]
public ref struct KernelBugMessage
{
    private DefaultInterpolatedStringHandler text;

    /// <summary>Called by the compiler: goes on only if the condition does not hold.</summary>
    public KernelBugMessage(int literalLength, int formattedCount, bool condition, out bool isWanted)
    {
        isWanted = !condition;
        if (isWanted)
        {
            text = new DefaultInterpolatedStringHandler(
                literalLength, formattedCount, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Called by the compiler for each literal part.</summary>
    public void AppendLiteral(string part) => text.AppendLiteral(part);

    /// <summary>Called by the compiler for each value.</summary>
    public void AppendFormatted<T>(T part) => text.AppendFormatted(part);

    /// <summary>Called by the compiler for each value with a format.</summary>
    public void AppendFormatted<T>(T part, string? format) => text.AppendFormatted(part, format);

    /// <summary>The message.</summary>
    internal string ToStringAndClear() => text.ToStringAndClear();
}
