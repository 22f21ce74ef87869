namespace LinuxMem.Actors.Auditing;

/// <summary>
/// Where the contents of memory depend on a race that the program itself runs: a task changes mappings while others of
/// its process use them, and until its interrupt has reached the others' CPUs each access may see the old or the new.
/// The oracle does not judge those, nor what was stored by them, until it is stored anew.
/// </summary>
public sealed class RaceWindows
{
    private const int LoadsOnly = -1;
    private readonly int unitShift;
    private readonly long ipiNs;
    private readonly List<Window> windows = [];
    private readonly HashSet<(int MmId, ulong Unit)> unknown = [];
    private readonly Dictionary<int, long> lateUntilNs = [];

    /// <summary>
    /// Windows as long as an interprocessor interrupt takes; contents in units of 2^<paramref name="unitShift"/> bytes.
    /// </summary>
    public RaceWindows(int unitShift, long ipiNs)
    {
        this.unitShift = unitShift;
        this.ipiNs = ipiNs;
    }

    /// <summary>Until when an access may see what was before a change at a moment, as far as is known then.</summary>
    public long UntilNs(int mmId, long atNs) => Math.Max(atNs + ipiNs, lateUntilNs.GetValueOrDefault(mmId));

    /// <summary>
    /// A change of [start, end) at a moment. A fork also names the child, whose copy the race decides.
    /// </summary>
    public void Changed(Mm.Mm mm, ulong start, ulong end, long atNs, int childMmId = 0)
    {
        windows.RemoveAll(w => w.UntilNs <= atNs);
        if (childMmId == 0)
            Forget(mm.Id, start, end);
        else
            Inherit(mm.Id, childMmId);
        if (mm.Users > 1)
            windows.Add(new Window(mm.Id, start, end, atNs, UntilNs(mm.Id, atNs), childMmId));
    }

    /// <summary>
    /// An interrupt is late: until it arrives, pages may be seen as they were. Windows that are open, and those that
    /// open before then, stay open as long.
    /// </summary>
    public void Late(int mmId, ulong start, ulong end, long fromNs, long untilNs)
    {
        windows.RemoveAll(w => w.UntilNs <= fromNs);
        for (int i = 0; i < windows.Count; i++)
        {
            if (windows[i].MmId == mmId && windows[i].UntilNs < untilNs)
                windows[i] = windows[i] with { UntilNs = untilNs };
        }

        lateUntilNs[mmId] = Math.Max(untilNs, lateUntilNs.GetValueOrDefault(mmId));
        windows.Add(new Window(mmId, start, end, fromNs, untilNs, 0));
    }

    /// <summary>
    /// Pages of [start, end) may vanish from a moment on: what others store until the interrupt may be lost with them.
    /// </summary>
    public void MayVanish(Mm.Mm mm, ulong start, ulong end, long atNs)
    {
        windows.RemoveAll(w => w.UntilNs <= atNs);
        if (mm.Users > 1)
            windows.Add(new Window(mm.Id, start, end, atNs, UntilNs(mm.Id, atNs), 0));
    }

    /// <summary>A load at a moment has shown that a page has vanished: others may still see it.</summary>
    public void Vanished(int mmId, ulong start, ulong end, long atNs) =>
        windows.Add(new Window(mmId, start, end, atNs, UntilNs(mmId, atNs), LoadsOnly));

    /// <summary>Pages were copied at a moment: others of the process may load from the originals a while longer.
    /// </summary>
    public void Copied(Mm.Mm mm, ulong start, ulong end, long atNs)
    {
        windows.RemoveAll(w => w.UntilNs <= atNs);
        if (mm.Users > 1)
            windows.Add(new Window(mm.Id, start, end, atNs, UntilNs(mm.Id, atNs), LoadsOnly));
    }

    /// <summary>Until a moment others of a process may load from what pages were before they were copied.</summary>
    public void Held(int mmId, ulong start, ulong end, long atNs, long untilNs)
    {
        windows.RemoveAll(w => w.UntilNs <= atNs);
        windows.Add(new Window(mmId, start, end, atNs, untilNs, LoadsOnly));
    }

    /// <summary>
    /// Another process has the kernel store to [start, end): the page may be a copy made for that, and until the
    /// interrupt arrives whose memory it is loads from the one before.
    /// </summary>
    public void StoresFromAfar(int mmId, ulong start, ulong end, long atNs) =>
        Held(mmId, start, end, atNs, UntilNs(mmId, atNs));

    /// <summary>An object that [start, end) maps lost its pages there: whose task runs may see them a while longer.
    /// </summary>
    public void Cut(int mmId, ulong start, ulong end, long atNs)
    {
        windows.RemoveAll(w => w.UntilNs <= atNs);
        windows.Add(new Window(mmId, start, end, atNs, UntilNs(mmId, atNs), 0));
    }

    /// <summary>Pages moved at a moment: what is not known of them is not known at their new place either.</summary>
    public void Moved(Mm.Mm mm, ulong oldStart, ulong newStart, ulong length, long atNs)
    {
        ulong[] moved = [.. unknown.Where(u => u.MmId == mm.Id && u.Unit >= oldStart >> unitShift
            && u.Unit < (oldStart + length) >> unitShift).Select(u => u.Unit)];
        Changed(mm, oldStart, oldStart + length, atNs);
        if (mm.Users > 1)
            windows[^1] = windows[^1] with { MovedBy = newStart - oldStart };
        Changed(mm, newStart, newStart + length, atNs);
        foreach (ulong unit in moved)
            unknown.Add((mm.Id, unit - (oldStart >> unitShift) + (newStart >> unitShift)));
    }

    /// <summary>Whether a store at a moment is unaffected by a race, so that its value is known from now on.</summary>
    public bool StoreIsKnown(int mmId, ulong va, long atNs)
    {
        bool known = true;
        ulong where = va;
        foreach (Window window in windows)
        {
            if (window.MmId != mmId || window.ChildMmId == LoadsOnly || atNs < window.FromNs
                || atNs >= window.UntilNs)
                continue;
            // Of an older mapping the store may reach the page itself, wherever it has moved since.
            bool hits = window.Has(va);
            bool hitsMoved = where != va && window.Has(where);
            int mm = window.ChildMmId == 0 ? mmId : window.ChildMmId;
            if (hits)
                unknown.Add((mm, va >> unitShift));
            if (hitsMoved)
                unknown.Add((mm, where >> unitShift));
            if (hits && window.ChildMmId == 0)
                known = false;
            if (window.MovedBy == 0 || !window.Has(where))
                continue;
            where += window.MovedBy;
            unknown.Add((mmId, where >> unitShift));
        }

        if (known && unknown.Count > 0)
            unknown.Remove((mmId, va >> unitShift));
        return known;
    }

    /// <summary>Whether a load at a moment can be judged.</summary>
    public bool LoadIsKnown(int mmId, ulong va, long atNs)
    {
        foreach (Window window in windows)
        {
            bool within = window.MmId == mmId && va >= window.Start && va < window.End && atNs >= window.FromNs
                && atNs < window.UntilNs;
            if (within && window.ChildMmId <= 0)
                return false;
        }

        return IsKnown(mmId, va);
    }

    /// <summary>Whether what a unit holds was not decided by a race.</summary>
    public bool IsKnown(int mmId, ulong va) => unknown.Count == 0 || !unknown.Contains((mmId, va >> unitShift));

    private void Forget(int mmId, ulong start, ulong end)
    {
        if (unknown.Count > 0)
            unknown.RemoveWhere(u => u.MmId == mmId && u.Unit >= start >> unitShift && u.Unit < end >> unitShift);
    }

    private void Inherit(int parentMmId, int childMmId)
    {
        if (unknown.Count == 0)
            return;
        foreach ((int mmId, ulong unit) in unknown.ToArray())
        {
            if (mmId == parentMmId)
                unknown.Add((childMmId, unit));
        }
    }

    // Where the pages of the range went, as a distance; 0 if they have not moved.
    private readonly record struct Window(
        int MmId, ulong Start, ulong End, long FromNs, long UntilNs, int ChildMmId, ulong MovedBy = 0)
    {
        public bool Has(ulong va) => va >= Start && va < End;
    }
}
