using LinuxMem.Simulation.Results;

namespace LinuxMem.Actors.Messages;

/// <summary>The machine is complete: start the run.</summary>
public sealed record PowerOn;

/// <summary>The run goes on; for people's eyes.</summary>
/// <param name="Progress">How far it is.</param>
public sealed record RunGoesOn(RunProgress Progress);

/// <summary>The run has ended.</summary>
/// <param name="Result">What came of it.</param>
public sealed record RunEnded(RunResult Result);
