using System.Runtime.InteropServices;

namespace LinuxMem.Workloads.Lackey;

/// <summary>The calls of a log whose results have not come yet.</summary>
/// <remarks>
/// At most one is open: its line has ended without a result, which the next line may bring, or the rest of a string in
/// its arguments. Any number of threads may be in asynchronous calls, whose results come on lines that name the thread.
/// </remarks>
internal sealed class PendingCalls
{
    // Valgrind runs at most 500 threads unless told otherwise; the bounds keep a damaged log from filling memory.
    private const int AsyncCallsMax = 4096;
    private const int OpenTextBytesMax = 1 << 16;

    // In the order in which they began.
    private readonly List<LackeyCall> asyncCalls = [];
    private readonly List<byte> openText = [];

    /// <summary>The object to read the next call into.</summary>
    internal LackeyCall Spare { get; private set; } = new();

    /// <summary>The open call, or null.</summary>
    internal LackeyCall? OpenCall { get; private set; }

    /// <summary>Whether a string in the open call may go on in the next line.</summary>
    internal bool OpenHasString { get; private set; }

    /// <summary>What the log has of the open call, if it has a string.</summary>
    internal ReadOnlySpan<byte> OpenText => CollectionsMarshal.AsSpan(openText);

    /// <summary>Whether no more threads can be in a call.</summary>
    internal bool IsFull => asyncCalls.Count == AsyncCallsMax;

    /// <summary>Makes the spare call the open one. Precondition: none is open.</summary>
    internal void Open(ReadOnlySpan<byte> body, bool hasString)
    {
        OpenCall = TakeSpare();
        OpenHasString = hasString;
        if (hasString)
            openText.AddRange(body);
    }

    /// <summary>Adds a line to the open call's text. Returns false if there is no string for it to belong to.</summary>
    internal bool TryContinue(ReadOnlySpan<byte> line)
    {
        if (!OpenHasString || openText.Count + line.Length > OpenTextBytesMax)
            return false;
        openText.Add((byte)'\n');
        openText.AddRange(line);
        return true;
    }

    /// <summary>Ends the open call and returns it. Precondition: one is open.</summary>
    internal LackeyCall Close()
    {
        var call = OpenCall!;
        OpenCall = null;
        OpenHasString = false;
        openText.Clear();
        return call;
    }

    /// <summary>Adds the spare call to the asynchronous ones. Precondition: not full.</summary>
    internal void AddAsync() => asyncCalls.Add(TakeSpare());

    /// <summary>Adds the open call to the asynchronous ones.</summary>
    internal void MakeOpenAsync()
    {
        var call = Close();
        if (!IsFull)
            asyncCalls.Add(call);
    }

    /// <summary>The index of a thread's asynchronous call; -1 if it is in none.</summary>
    internal int FindAsync(int pid, int tid)
    {
        for (int i = 0; i < asyncCalls.Count; i++)
        {
            if (asyncCalls[i].Tid == tid && asyncCalls[i].Pid == pid)
                return i;
        }

        return -1;
    }

    /// <summary>The number of an asynchronous call.</summary>
    internal int AsyncNr(int index) => asyncCalls[index].Nr;

    /// <summary>Ends an asynchronous call and returns it.</summary>
    internal LackeyCall TakeAsync(int index)
    {
        var call = asyncCalls[index];
        asyncCalls.RemoveAt(index);
        return call;
    }

    /// <summary>Lets an object be read into again.</summary>
    internal void Reuse(LackeyCall call) => Spare = call;

    private LackeyCall TakeSpare()
    {
        var call = Spare;
        Spare = new LackeyCall();
        return call;
    }
}
