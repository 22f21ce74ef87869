using LinuxMem.Arch.Addresses;

namespace LinuxMem.Mm.Lru;

/// <summary>
/// A policy that can make use of every single reference, in order. Reference strings tell them; machines cannot, since
/// their kernel sees no more than accessed bits.
/// </summary>
public interface IReferenceObserver
{
    /// <summary>A page that the policy has is used.</summary>
    /// <param name="page">Its frame.</param>
    /// <param name="next">When it is used next, as a place in the string; <see cref="long.MaxValue"/> for
    /// never.</param>
    void Referenced(Pfn page, long next);
}
