namespace LinuxMem.Abi;

/// <summary>What a process (or a thread) does. Written in C#, read from a scenario's steps, or from a trace.</summary>
/// <remarks>
/// A program is a pure function of its own state, its <see cref="ProgramStart"/> and the results of its system calls:
/// no clock, no randomness but a stream seeded from <see cref="ProgramStart.Seed"/>, nothing shared with another
/// program. That is what makes a run repeatable.
/// </remarks>
public interface IProgram
{
    /// <summary>The command name shown for the process, at most 15 characters as in Linux.</summary>
    string Comm { get; }

    /// <summary>
    /// The segments to map before the first instruction; looked at for programs that start a process, not for children.
    /// </summary>
    ImageSpec Image { get; }

    /// <summary>Called once, before the first <see cref="Next"/>.</summary>
    void Start(in ProgramStart start);

    /// <summary>
    /// Says what happens next: fills the (empty) batch with accesses and at most one call. Called again when all of it
    /// was carried out; <paramref name="last"/> is the result of the batch's call. An empty batch without a call is an
    /// error of the program.
    /// </summary>
    void Next(AccessBatch batch, in SyscallResult last);
}

/// <summary>The result of a system call, as the register shows it.</summary>
/// <param name="Value">The returned value; from -4095 to -1 a negated <see cref="Abi.Errno"/>. 0 before the first call
/// and in a new child.</param>
public readonly record struct SyscallResult(long Value)
{
    /// <summary>Whether the call failed.</summary>
    public bool IsError => Value is < 0 and >= -4095;

    /// <summary>The error, or None.</summary>
    public Errno Errno => IsError ? (Errno)(-Value) : Errno.None;

    /// <summary>A failure.</summary>
    public static SyscallResult Fail(Errno errno) => new(-(long)errno);
}

/// <summary>
/// The synthetic image of a process: sizes in bytes, rounded up to pages when mapped. Zero leaves a segment out.
/// </summary>
/// <param name="TextBytes">Read-only, executable.</param>
/// <param name="DataBytes">Initialised data: private, writable.</param>
/// <param name="BssBytes">Zero-filled data after it; the heap (brk) starts behind.</param>
/// <param name="HasStack">Whether there is a growing stack at the top of the address space.</param>
public sealed record ImageSpec(ulong TextBytes = 64 << 10, ulong DataBytes = 16 << 10, ulong BssBytes = 16 << 10,
    bool HasStack = true)
{
    /// <summary>
    /// Exact mappings in place of the synthetic ones, by rising address; null to map by size. For traces, which know
    /// where an image lay.
    /// </summary>
    public IReadOnlyList<ImageSegment>? Segments { get; init; }

    /// <summary>With <see cref="Segments"/>: where the heap begins.</summary>
    public ulong BrkStart { get; init; }

    /// <summary>With <see cref="Segments"/>: the ceiling of top-down placement; 0 is the geometry's own.</summary>
    public ulong MmapBase { get; init; }

    /// <summary>A small program with every segment.</summary>
    public static ImageSpec Default { get; } = new();

    /// <summary>Nothing at all: a trace maps everything itself.</summary>
    public static ImageSpec Empty { get; } = new(0, 0, 0, false);
}

/// <summary>One mapping of an image whose layout is known.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">Address behind the last.</param>
/// <param name="Prot">Rights.</param>
/// <param name="Offset">Offset in the file, in bytes.</param>
/// <param name="File">The file's path; null for anonymous memory.</param>
/// <param name="Name">A special name such as [stack], [vdso], [vvar]; null for none.</param>
public readonly record struct ImageSegment(
    ulong Start, ulong End, ProtFlags Prot, ulong Offset, string? File, string? Name);

/// <summary>What a program learns when it starts.</summary>
/// <param name="Pid">Process id (thread group).</param>
/// <param name="Tid">Thread id; equal to Pid for the first thread.</param>
/// <param name="Seed">Seed for this task's own random stream.</param>
/// <param name="PageShift">log2 of the page size.</param>
/// <param name="Layout">Where the segments are.</param>
public readonly record struct ProgramStart(int Pid, int Tid, ulong Seed, int PageShift, ImageLayout Layout);

/// <summary>Where a process's segments were mapped; a start and an end are equal where the segment is absent.</summary>
public readonly record struct ImageLayout(
    ulong TextStart, ulong TextEnd, ulong DataStart, ulong DataEnd, ulong BssStart, ulong BssEnd, ulong BrkStart,
        ulong StackTop)
{
    /// <summary>Of an ELF file: what is added to the addresses in the file; 0 where they are final.</summary>
    public ulong LoadBias { get; init; }

    /// <summary>Of an ELF file: first address of all its segments.</summary>
    public ulong FileStart { get; init; }

    /// <summary>Of an ELF file: address behind its segments, bss included.</summary>
    public ulong FileEnd { get; init; }

    /// <summary>First address of the ELF interpreter (ld.so); 0 without one.</summary>
    public ulong InterpreterStart { get; init; }

    /// <summary>Address behind the interpreter's segments, bss included; 0 without one.</summary>
    public ulong InterpreterEnd { get; init; }

    /// <summary>The stack pointer at the first instruction; 0 where no stack was built.</summary>
    public ulong StackPointer { get; init; }

    /// <summary>Where the vdso begins; 0 without one.</summary>
    public ulong Vdso { get; init; }
}
