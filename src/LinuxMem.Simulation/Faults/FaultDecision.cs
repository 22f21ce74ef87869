using System.Globalization;

namespace LinuxMem.Simulation.Faults;

/// <summary>That a site failed: enough, with all others of a run, to make it fail again without any drawing.</summary>
/// <param name="Site">Where.</param>
/// <param name="Ordinal">The how manieth passing of the site it was in the run, from 1.</param>
public readonly record struct FaultDecision(FaultSite Site, long Ordinal)
{
    private const int DecisionsMax = 1_000_000;

    /// <summary>As <see cref="ParseList"/> reads it: <c>vm_area_alloc#3</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Site}#{Ordinal}");

    /// <summary>
    /// Reads decisions with commas between them, in any order: <c>copy_from_user#3,copy_to_user#17</c>; "none" is none.
    /// </summary>
    /// <exception cref="ConfigurationException">It is no such list.</exception>
    public static IReadOnlyList<FaultDecision> ParseList(string text)
    {
        if (text.Length == 0 || text == "none")
            return [];
        string[] parts = text.Split(',');
        if (parts.Length > DecisionsMax)
            throw new ConfigurationException($"more than {DecisionsMax} faults in one list");
        return [.. parts.Select(Parse)];
    }

    private static FaultDecision Parse(string text)
    {
        int hash = text.IndexOf('#', StringComparison.Ordinal);
        string name = hash < 0 ? text : text[..hash];
        string clean = new([.. name.Take(80).Select(c => char.IsControl(c) ? '?' : c)]);
        FaultSite site = FaultSite.Find(name) ?? throw new ConfigurationException(
            $"there is no fault site \"{clean}\"; 'linuxmem faults' lists them");
        if (hash < 0 || !long.TryParse(text.AsSpan(hash + 1), NumberStyles.None, CultureInfo.InvariantCulture,
            out long ordinal) || ordinal < 1)
            throw new ConfigurationException(
                $"the fault at {name} says not which; expected {name}#1 or another number");
        return new FaultDecision(site, ordinal);
    }
}

/// <summary>A failure that was injected, for reports.</summary>
/// <param name="Decision">Where, the how manieth.</param>
/// <param name="AtNs">When, in virtual time.</param>
/// <param name="Tid">Whose doing failed; 0 for the kernel's own.</param>
/// <param name="Operation">What was going on: the name of a system call, or page_fault, kswapd ...</param>
/// <param name="Detail">What else is to be known: of an I/O, its place; else empty.</param>
public sealed record InjectedFault(
    FaultDecision Decision, long AtNs, int Tid, string Operation, string Detail = "");
