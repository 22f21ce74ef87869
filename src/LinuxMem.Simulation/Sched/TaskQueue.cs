namespace LinuxMem.Simulation.Sched;

/// <summary>Tasks that wait for a CPU, first come, first served; one may be taken from the middle.</summary>
internal sealed class TaskQueue
{
    private int[] tids = new int[4];
    private int head;

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>The task at a place, the first at 0.</summary>
    public int this[int index] => tids[(head + index) & (tids.Length - 1)];

    /// <summary>Appends a task.</summary>
    public void Enqueue(int tid)
    {
        if (Count == tids.Length)
            Grow();
        tids[(head + Count++) & (tids.Length - 1)] = tid;
    }

    /// <summary>Takes the task at a place out.</summary>
    public int RemoveAt(int index)
    {
        int tid = this[index];
        for (int i = index; i > 0; i--)
            tids[(head + i) & (tids.Length - 1)] = tids[(head + i - 1) & (tids.Length - 1)];
        head = (head + 1) & (tids.Length - 1);
        Count--;
        return tid;
    }

    private void Grow()
    {
        var larger = new int[tids.Length * 2];
        for (int i = 0; i < Count; i++)
            larger[i] = this[i];
        tids = larger;
        head = 0;
    }
}
