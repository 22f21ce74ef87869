using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace LinuxMem.Simulation;

/// <summary>
/// A broken invariant of the simulated machine: a bug of the simulator (or a planted one), never an outcome of the
/// simulation. Nobody catches it but the driver, which prints what replays the run and exits with code 4.
/// </summary>
public sealed class KernelBug : Exception
{
    /// <summary>A violation with its message.</summary>
    public KernelBug(string message)
        : base(message)
    {
    }

    /// <summary>A violation found while handling another failure.</summary>
    public KernelBug(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Throws unless the condition holds. Stays on in Release, as BUG_ON does.</summary>
    public static void Assert([DoesNotReturnIf(false)] bool condition, string message)
    {
        if (!condition)
            Throw(message);
    }

    /// <summary>Throws unless the condition holds; the text is put together only then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Assert(
        [DoesNotReturnIf(false)] bool condition,
        [InterpolatedStringHandlerArgument(nameof(condition))] ref AssertMessage message)
    {
        if (!condition)
            Throw(message);
    }

    [DoesNotReturn]
    private static void Throw(AssertMessage message) => throw new KernelBug(message.ToStringAndClear());

    [DoesNotReturn]
    private static void Throw(string message) => throw new KernelBug(message);
}
