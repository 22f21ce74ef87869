using System.Globalization;

namespace LinuxMem.Audit.Oracle;

/// <summary>
/// Compares all that the oracle knows with what the machine holds (I37), so that what is lost is found though no
/// program looks for it.
/// </summary>
/// <param name="oracle">Knows what was stored.</param>
/// <param name="unitShift">log2 of the bytes that have one value.</param>
public sealed class ContentSweep(ContentOracle oracle, int unitShift)
{
    private const int FoundMax = 4;

    /// <summary>Units compared so far.</summary>
    public long Compared { get; private set; }

    /// <summary>Looks at everything; adds the texts of a few violations.</summary>
    public void Run(IContentReader reader, List<string> found)
    {
        // "not" what was stored there last.
        int before = found.Count;
        for (int mm = 0; mm < oracle.Spaces.Length; mm++)
        {
            if (oracle.Spaces[mm] is not { } space)
                continue;
            for (int at = 0; at < space.Values.Capacity && found.Count - before < FoundMax; at++)
            {
                if (!space.Values.TryGetAt(at, out ulong unit, out ulong value)
                    || !reader.TryRead(mm, unit << unitShift, out ulong held))
                    continue;
                Compared++;
                ulong va = unit << unitShift;
                if (held != value && !(held == 0 && oracle.MayBeGone(space, va)))
                    found.Add(Text($"I37 violated: mm {mm} has 0x{held:x} at va 0x{va:x}, not 0x{value:x}"));
            }
        }

        foreach ((int id, ObjectContents contents) in oracle.Objects)
        {
            for (int at = 0; at < contents.Values.Capacity && found.Count - before < FoundMax; at++)
            {
                if (!contents.Values.TryGetAt(at, out ulong unit, out ulong value)
                    || !reader.TryReadObject(id, unit << unitShift, out ulong held))
                    continue;
                Compared++;
                ulong offset = unit << unitShift;
                if (held != value)
                    found.Add(Text($"I37 violated: object {id} has 0x{held:x} at 0x{offset:x}, not 0x{value:x}"));
            }
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
