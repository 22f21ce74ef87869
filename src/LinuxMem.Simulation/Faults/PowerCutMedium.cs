using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Simulation.Faults;

/// <summary>A file as it was when the power was cut.</summary>
/// <param name="Path">Its name.</param>
/// <param name="SizeBytes">Its length.</param>
/// <param name="Pages">Where its pages lie on the disk; others are holes.</param>
public sealed record FileThen(string Path, ulong SizeBytes, IReadOnlyList<(uint Index, ulong Sector)> Pages);

/// <summary>A page of which somebody was told that it is on the disk.</summary>
/// <param name="Path">The file.</param>
/// <param name="Index">Which page.</param>
/// <param name="Sector">Where it lies.</param>
/// <param name="Bytes">What it held.</param>
/// <param name="Sequence">When, in the order of writes.</param>
public sealed record PromiseThen(string Path, uint Index, ulong Sector, byte[] Bytes, long Sequence);

/// <summary>A moment at which the power is cut.</summary>
/// <param name="AtNs">When.</param>
/// <param name="Files">The files.</param>
/// <param name="UnderWay">Writes of pages that are under way: any sectors of them may be done.</param>
/// <param name="Promises">What was promised.</param>
public sealed record CutThen(long AtNs, IReadOnlyList<FileThen> Files,
    IReadOnlyList<(ulong Sector, byte[] Bytes)> UnderWay, IReadOnlyList<PromiseThen> Promises);

/// <summary>
/// What a disk held whenever the power was cut: enough to start a machine from it as it was at any cut.
/// </summary>
public sealed class PowerCutMedium
{
    /// <summary>The most cuts that are kept.</summary>
    public const int CutsMax = 2_000;

    private readonly SortedDictionary<ulong, List<(int Cut, long Sequence, byte[] Bytes)>> versions = [];
    private readonly List<CutThen> cuts = [];
    private readonly HashSet<ulong> spoilt = [];

    /// <summary>The cuts, in order.</summary>
    public IReadOnlyList<CutThen> Cuts => cuts;

    /// <summary>Whether there is room for another.</summary>
    public bool HasRoom => cuts.Count < CutsMax;

    /// <summary>A page has reached the disk; the next cut sees it.</summary>
    public void Write(ulong sector, long sequence, byte[] bytes)
    {
        if (!versions.TryGetValue(sector, out var list))
            versions.Add(sector, list = []);
        list.Add((cuts.Count, sequence, bytes));
    }

    /// <summary>The disk has lied about a place: what is there is not the kernel's doing.</summary>
    public void Spoil(ulong sector) => spoilt.Add(sector);

    /// <summary>The power is cut.</summary>
    public void Cut(CutThen cut) => cuts.Add(cut);

    /// <summary>
    /// What a page of the disk holds after a cut; null if nothing was ever written there. Of a write that was under way
    /// any sectors are done: the stream decides.
    /// </summary>
    public byte[]? PageAfter(int cut, ulong sector, ref RandomStream torn)
    {
        byte[]? page = null;
        if (versions.TryGetValue(sector, out var list))
        {
            foreach ((int at, _, byte[] bytes) in list)
                page = at <= cut ? bytes : page;
        }

        foreach ((ulong at, byte[] bytes) in cuts[cut].UnderWay)
        {
            if (at != sector)
                continue;
            byte[] mixed = page is null ? new byte[bytes.Length] : [.. page];
            for (int from = 0; from < bytes.Length; from += BlockDeviceSettings.SectorBytes)
            {
                if (torn.Percent(50))
                    bytes.AsSpan(from, BlockDeviceSettings.SectorBytes).CopyTo(mixed.AsSpan(from));
            }

            page = mixed;
        }

        return page;
    }

    /// <summary>
    /// What is wrong with a promised page after a cut; null if nothing is. Each sector must hold what was promised, or
    /// what was written there later.
    /// </summary>
    public string? Problem(int cut, PromiseThen promise, byte[]? page)
    {
        if (spoilt.Contains(promise.Sector))
            return null;
        for (int from = 0; from < promise.Bytes.Length; from += BlockDeviceSettings.SectorBytes)
        {
            if (!IsAllowed(cut, promise, page, from))
                return $"sector {from / BlockDeviceSettings.SectorBytes} of page {promise.Index} of {promise.Path} is "
                    + "neither as it was synced nor as it was written later";
        }

        return null;
    }

    private bool IsAllowed(int cut, PromiseThen promise, byte[]? page, int from)
    {
        bool Same(byte[] bytes) => page is not null && bytes.AsSpan(from, BlockDeviceSettings.SectorBytes)
            .SequenceEqual(page.AsSpan(from, BlockDeviceSettings.SectorBytes));
        if (Same(promise.Bytes))
            return true;
        if (versions.TryGetValue(promise.Sector, out var list)
            && list.Any(one => one.Cut <= cut && one.Sequence > promise.Sequence && Same(one.Bytes)))
            return true;
        return cuts[cut].UnderWay.Any(one => one.Sector == promise.Sector && Same(one.Bytes));
    }
}
