namespace LinuxMem.Audit.Snapshots;

/// <summary>A process as it was when the OOM killer chose, since the snapshot before.</summary>
public struct OomCandidateRecord
{
    /// <summary>Which kill it was, from 1; those of one kill stand together.</summary>
    public int Kill { get; set; }

    /// <summary>The process.</summary>
    public int Pid { get; set; }

    /// <summary>Pages that it had in memory, in swap, and in page tables below the top one.</summary>
    public long Pages { get; set; }

    /// <summary>Its oom_score_adj, -1000 to 1000.</summary>
    public int ScoreAdj { get; set; }

    /// <summary>Whether killing it would free nothing: its parent in vfork has the memory.</summary>
    public bool IsInVfork { get; set; }

    /// <summary>Whether it was dying already, with its memory still there.</summary>
    public bool IsDying { get; set; }

    /// <summary>Whether it was chosen.</summary>
    public bool IsVictim { get; set; }

    /// <summary>Whether it was in swapoff, which makes it the first to go.</summary>
    public bool IsOrigin { get; set; }

    /// <summary>Pages of RAM and swap that could be had where memory was out.</summary>
    public long TotalPages { get; set; }

    /// <summary>
    /// Pages of files that nothing mapped, clean and under no I/O, which could have been taken instead.
    /// </summary>
    public long IdleFilePages { get; set; }
}
