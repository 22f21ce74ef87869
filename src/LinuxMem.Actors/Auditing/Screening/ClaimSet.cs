namespace LinuxMem.Actors.Auditing.Screening;

/// <summary>Frames that are in one list of the machine, look after look; tells what came and what went.</summary>
internal sealed class ClaimSet(FrameLedger ledger, uint frameCount)
{
    private readonly int[] seen = new int[frameCount];
    private List<uint> before = [];
    private List<uint> now = [];
    private int look = 1;

    /// <summary>Whether a frame is in the list. Precondition: the frame exists.</summary>
    public bool Has(uint pfn) => seen[pfn] == look;

    /// <summary>Begins a look: nothing is in the list yet.</summary>
    public void Begin()
    {
        look++;
        (before, now) = (now, before);
        now.Clear();
    }

    /// <summary>Whether a frame was in the list at the last look and has not been found by this one yet.</summary>
    public bool WasThere(uint pfn) => seen[pfn] == look - 1;

    /// <summary>Takes in a frame that is in the list. Twice in it, or no frame of the machine, is suspect.</summary>
    /// <returns>Whether it was taken in.</returns>
    public bool Add(uint pfn)
    {
        if (pfn >= (uint)seen.Length || seen[pfn] == look)
        {
            ledger.Suspect();
            return false;
        }

        if (seen[pfn] != look - 1)
            ledger.Touch(pfn);
        seen[pfn] = look;
        now.Add(pfn);
        return true;
    }

    /// <summary>Ends a look; adds the frames that are no longer in the list to <paramref name="gone"/>.</summary>
    public void End(List<uint>? gone = null)
    {
        foreach (uint pfn in before)
        {
            if (seen[pfn] == look)
                continue;
            ledger.Touch(pfn);
            gone?.Add(pfn);
        }
    }

    /// <summary>Forgets all looks.</summary>
    public void Clear()
    {
        Array.Clear(seen);
        before.Clear();
        now.Clear();
        look = 1;
    }
}
