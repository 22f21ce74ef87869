using Akka.Dispatch;

namespace LinuxMem.Actors.Hosting;

/// <summary>Ready mailboxes of one thread, first come first served; grows as it has to.</summary>
internal struct MailboxRing()
{
    /// <summary>Its length is a power of two.</summary>
    private IRunnable?[] ring = new IRunnable?[1024];

    /// <summary>Mailboxes taken so far; the next one is at this index of the ring, modulo its length.</summary>
    private uint head;

    /// <summary>Mailboxes put so far; <c>tail - head</c> are ready.</summary>
    private uint tail;

    /// <summary>Whether nothing is ready.</summary>
    public readonly bool IsEmpty => head == tail;

    /// <summary>Adds a mailbox at the end.</summary>
    public void Put(IRunnable run)
    {
        var items = ring;
        if (tail - head == (uint)items.Length)
            items = Grow();
        items[tail++ & (uint)(items.Length - 1)] = run;
    }

    /// <summary>Takes the first mailbox; false if there is none.</summary>
    public bool TryTake(out IRunnable run)
    {
        if (head == tail)
        {
            run = null!;
            return false;
        }

        // The slot keeps its reference until it is written again: a mailbox lives as long as the run, so clearing would
        // only cost.
        var items = ring;
        run = items[head++ & (uint)(items.Length - 1)]!;
        return true;
    }

    private IRunnable?[] Grow()
    {
        var larger = new IRunnable?[ring.Length * 2];
        for (uint i = head; i != tail; i++)
            larger[i & (uint)(larger.Length - 1)] = ring[i & (uint)(ring.Length - 1)];
        return ring = larger;
    }
}
