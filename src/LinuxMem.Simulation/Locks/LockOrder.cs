namespace LinuxMem.Simulation.Locks;

/// <summary>
/// Watches in which order classes of locks are taken: if one is ever taken inside another, the other must never be
/// taken inside the first, directly or through more.
/// </summary>
/// <remarks>Linux: kernel/locking/lockdep.c: check_noncircular, v6.18.</remarks>
public sealed class LockOrder
{
    private readonly int[] takenInside = new int[LockClasses.Count];
    private int held;

    /// <summary>The classes that are held now, a bit each.</summary>
    public int Held => held;

    /// <summary>Their names, for reports.</summary>
    public string NamesOfHeld => string.Join(", ", Enumerable.Range(0, LockClasses.Count)
        .Where(at => (held & (1 << at)) != 0).Select(at => LockClasses.NameOf((LockClass)at)));

    /// <summary>A lock is taken.</summary>
    /// <exception cref="KernelBug">The order of two classes is circular: tasks could wait for each other.</exception>
    public void Take(LockClass lockClass)
    {
        int mine = 1 << (int)lockClass;
        if (held != 0)
            Learn(held, lockClass, mine);
        held |= mine;
    }

    /// <summary>A lock is taken and let go at once.</summary>
    /// <exception cref="KernelBug">As <see cref="Take"/>.</exception>
    public void Pass(LockClass lockClass)
    {
        if (held != 0)
            Learn(held, lockClass, 1 << (int)lockClass);
    }

    /// <summary>A lock is let go.</summary>
    public void Release(LockClass lockClass) => held &= ~(1 << (int)lockClass);

    private void Learn(int outer, LockClass lockClass, int mine)
    {
        for (int other = 0; other < takenInside.Length; other++)
        {
            if ((outer & (1 << other)) == 0 || other == (int)lockClass || (takenInside[other] & mine) != 0)
                continue;
            takenInside[other] |= mine;
            if ((ReachableFrom((int)lockClass) & (1 << other)) != 0)
                throw new KernelBug($"lock order: {LockClasses.NameOf(lockClass)} is taken inside "
                    + $"{LockClasses.NameOf((LockClass)other)}, and elsewhere the other way round");
        }
    }

    private int ReachableFrom(int lockClass)
    {
        int reached = takenInside[lockClass];
        while (true)
        {
            int next = reached;
            for (int other = 0; other < takenInside.Length; other++)
            {
                if ((reached & (1 << other)) != 0)
                    next |= takenInside[other];
            }

            if (next == reached)
                return reached;
            reached = next;
        }
    }
}
