using System.Buffers.Binary;
using LinuxMem.Abi;

namespace LinuxMem.Workloads.Mmfuzz;

/// <summary>
/// A task of mmfuzz (shared/oracle/mmfuzz/mmfuzz.c): says, from its command line and the answers of the kernel alone,
/// which call it makes next, with every argument.
/// </summary>
/// <remarks>
/// strace prints what a buffer holds in place of its address, so that a log does not say which page was read or
/// written. The program can tell: it walks at random, from a seed on its command line.
///
/// Order of evaluation is gcc's for x86-64: arguments of a call from right to left. mremap with MREMAP_DONTUNMAP alone
/// hands the kernel, as a hint, what its caller left in the fifth argument register; the model follows that register
/// through the code of the executable (<see cref="MmfuzzImage"/>) and admits where it does not know it.
/// </remarks>
public sealed partial class MmfuzzTask
{
    private const int ContinueAfterMain = -1;
    private readonly MmfuzzCall call = new();
    private readonly MmfuzzMode mode;
    private readonly MmfuzzLocals[] locals = [new(), new(), new()];
    private readonly ulong[] grown = new ulong[16];
    private readonly uint[] grownPages = new uint[16];
    private readonly IEnumerator<MmfuzzCall> calls;
    private MmfuzzRandom random;
    private MmfuzzFrames frames;
    private MmfuzzTask? child;
    private int depth;
    private ulong imageShift;
    private bool isOtherCode;
    private ulong? fifthRegister;
    private long result;
    private byte[] copied = [];

    /// <summary>The first process, before its first system call (the brk after execve).</summary>
    public MmfuzzTask(MmfuzzCommand command)
    {
        mode = new MmfuzzMode(command.Mode);
        random = new MmfuzzRandom(command.Seed);
        frames = new MmfuzzFrames(command.StringBytes);
        depth = ContinueAfterMain;
        calls = Main(command.Steps).GetEnumerator();
    }

    private MmfuzzTask(MmfuzzTask parent)
    {
        mode = parent.mode;
        random = parent.random;
        frames = parent.frames;
        depth = parent.depth;
        imageShift = parent.imageShift;
        isOtherCode = parent.isOtherCode;
        parent.grown.CopyTo(grown, 0);
        parent.grownPages.CopyTo(grownPages, 0);
        for (int i = 0; i < locals.Length; i++)
            locals[i] = parent.locals[i];
        calls = Child().GetEnumerator();
    }

    /// <summary>The next call; null after the last one (exit_group).</summary>
    public MmfuzzCall? Next()
    {
        call.Touches.Clear();
        return calls.MoveNext() ? calls.Current : null;
    }

    /// <summary>
    /// What came of the last call: the result as the register shows it, and what the kernel copied to the program's
    /// buffer, where that is known: a read's bytes, mincore's vector, wait4's status.
    /// </summary>
    public void Answer(long value, ReadOnlySpan<byte> bytes)
    {
        result = value;
        copied = bytes.ToArray();
    }

    /// <summary>
    /// The task that the last call, a clone, has made. Precondition: <see cref="Next"/> gave that clone.
    /// </summary>
    public MmfuzzTask TakeChild() =>
        child ?? throw new InvalidOperationException("the last call of this task was not a clone");

    /// <summary>
    /// A log has shown where the local buffer of a step is (mincore's vector): not where the reference program has it.
    /// </summary>
    public void LocalBufferIs(ulong address)
    {
        frames.LocalIs(address, depth);
        isOtherCode = true;
    }

    /// <summary>
    /// A log has shown where the heap begins. The same source, compiled otherwise, has its pages moved by a few; what
    /// is in its registers nobody knows.
    /// </summary>
    public void HeapBeginsAt(ulong address)
    {
        imageShift = address - MmfuzzImage.BrkStart;
        isOtherCode |= imageShift != 0;
    }

    private ulong Local => frames.Local(depth);

    private void Touch(ulong address, AccessKind kind) => call.Touches.Add(new MmfuzzTouch(Placed(address), kind));

    // The first page of the executable and the stack stay where they are.
    private ulong Placed(ulong address) =>
        address is >= MmfuzzImage.TextStart and < MmfuzzImage.BrkStart + MmfuzzImage.LibraryHeapBytes
            ? address + imageShift
            : address;

    private void Fill(int count, byte value) => locals[depth].Fill(count, value);

    private void FillFromAnswer(long count) => locals[depth].Copy(copied, (int)Math.Max(count, 0));

    private void FillStatus()
    {
        if (copied.Length >= sizeof(int))
            locals[depth].Copy(copied.AsSpan(0, sizeof(int)), sizeof(int));
        else
            locals[depth].Forget(sizeof(int));
    }

    /// <summary>The status word that wait4 stores for a child that has exited with a code.</summary>
    public static byte[] ExitStatus(int code)
    {
        byte[] status = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(status, (code & 0xff) << 8);
        return status;
    }
}
