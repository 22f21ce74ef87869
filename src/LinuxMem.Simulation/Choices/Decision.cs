using System.Globalization;

namespace LinuxMem.Simulation.Choices;

/// <summary>A decision that is not the usual one.</summary>
/// <param name="Site">Where.</param>
/// <param name="Ordinal">The how-manieth decision there, from 0.</param>
/// <param name="Value">What was decided; more than 0, which is the usual.</param>
public readonly record struct Decision(ChoiceSite Site, long Ordinal, long Value)
{
    private static readonly (ChoiceSite Site, string Name)[] Names =
    [
        (ChoiceSite.WakeOrder, "wake-order"), (ChoiceSite.Placement, "placement"), (ChoiceSite.Preempt, "preempt"),
        (ChoiceSite.SliceCut, "slice-cut"), (ChoiceSite.ResumeDelay, "resume-delay"),
        (ChoiceSite.TimerSlack, "timer-slack"), (ChoiceSite.IpiDelay, "ipi-delay"),
        (ChoiceSite.IoDelay, "io-delay"),
    ];

    /// <summary>The name of a place in texts.</summary>
    public static string NameOf(ChoiceSite site) => Names[(int)site].Name;

    /// <summary>Reads a decision such as "placement@12=1"; null if the text is none.</summary>
    public static Decision? Parse(string text)
    {
        int at = text.IndexOf('@', StringComparison.Ordinal);
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (at < 0 || equals < at)
            return null;
        int site = Array.FindIndex(Names, name => name.Name == text[..at]);
        bool isSound = long.TryParse(text.AsSpan(at + 1, equals - at - 1), NumberStyles.None,
            CultureInfo.InvariantCulture, out long ordinal);
        isSound &= long.TryParse(text.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture,
            out long value);
        return isSound && site >= 0 && value > 0 ? new Decision(Names[site].Site, ordinal, value) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{NameOf(Site)}@{Ordinal}={Value}");
}
