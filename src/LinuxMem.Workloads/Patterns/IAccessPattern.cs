using LinuxMem.Abi;

namespace LinuxMem.Workloads.Patterns;

/// <summary>
/// A way of walking through a region of memory. Keeps its place, so that a program takes from it as much as it wants,
/// again and again.
/// </summary>
public interface IAccessPattern
{
    /// <summary>
    /// Adds the next accesses to a batch: at most <paramref name="count"/>, fewer when the batch gets full.
    /// Precondition: count is at least 1 and the batch is not full.
    /// </summary>
    /// <returns>How many accesses were added, at least 1.</returns>
    int Add(AccessBatch batch, int count);
}
