using LinuxMem.Simulation;

namespace LinuxMem.Proofs.Search;

/// <summary>
/// A structure of the kernel with so few states that all of them can be visited: each is a number, and the structure
/// itself can be put into it.
/// </summary>
/// <remarks>
/// The number holds all of the state, so that two states are never taken for one. One thread at a time; every worker
/// of a search has its own.
/// </remarks>
public interface IStateSpace : IDisposable
{
    /// <summary>The state at the beginning. No state is 0.</summary>
    ulong Start { get; }

    /// <summary>Puts the structure into a state and returns how many operations it then has, each a number below that.
    /// </summary>
    int Load(ulong state);

    /// <summary>
    /// Does an operation of the kernel's own code to the state that was loaded, compares what came of it with a naive
    /// model, and returns the new state. Each operation of a loaded state may be done, in any order.
    /// </summary>
    /// <exception cref="KernelBug">An invariant does not hold, or the model came to something else.</exception>
    ulong Do(int operation);

    /// <summary>An operation of the state that was loaded, in words.</summary>
    string Describe(int operation);
}
