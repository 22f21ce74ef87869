using System.Collections.Immutable;
using LinuxMem.Abi;
using LinuxMem.Workloads.Programs.Steps;

namespace LinuxMem.Workloads.Programs;

/// <summary>
/// What a <see cref="StepProgram"/> does when a call fails, or when its result is not what the step expects.
/// </summary>
public enum OnError
{
    /// <summary>The process ends with exit code <see cref="StepProgram.ErrorExitCode"/>.</summary>
    Exit,

    /// <summary>The program goes on with the next step.</summary>
    Ignore,
}

/// <summary>A program as data: immutable, shared by all processes that run it.</summary>
/// <param name="Comm">Command name, at most 15 characters.</param>
/// <param name="Steps">What it does, in order; then it ends with exit code 0.</param>
public sealed record ProgramSpec(string Comm, ImmutableArray<Step> Steps)
{
    /// <summary>Segments to map at the start.</summary>
    public ImageSpec Image { get; init; } = ImageSpec.Default;

    /// <summary>The ELF program to load in place of the synthetic image; null for that.</summary>
    public ElfSpec? Elf { get; init; }

    /// <summary>What a failed call leads to.</summary>
    public OnError OnError { get; init; } = OnError.Exit;

    /// <summary>The program of a process that starts with this.</summary>
    public IProgram Create()
    {
        var program = new StepProgram(this);
        return Elf is null ? program : new LaunchProgram(program, Elf.Operands());
    }
}
